import { defineTour } from '../../src/pipeline/tour.ts';
import type { StepReport, TourTools } from '../../src/pipeline/tour.ts';

const gone = (row: unknown) => row === undefined;

export default defineTour({
  apps: { legacy: 'legacy_app', revamp: 'revamp_app' },
  async take(t) {
    await legacyToRevamp(t);
    await revampToLegacy(t);
    await editOfSyncedRow(t);
    await burst(t);
    await poison(t);
    await nothingLooped(t);
  },
});

const arrived = async (t: TourTools, side: string, entity: string): Promise<StepReport> => {
  const milliseconds = t.sinceWrite();
  return { milliseconds, eventId: await t.lastEvent(side, entity) };
};

async function legacyToRevamp(t: TourTools): Promise<void> {
  const name = `ada_${t.run}`;
  await t.step('legacy → revamp: create a user', async () => {
    await t.app(
      'legacy',
      `INSERT INTO legacy_users (username, email, full_name, phone_number, status) VALUES ($1, $2, 'Ada Lovelace', '+44 20 7946 0000', 'active')`,
      [name, `${name}@example.com`],
    );
    await t.see('revamp', 'SELECT id FROM revamp_users WHERE user_name = ?', [name]);
    return arrived(t, 'revamp', 'users');
  });
  await t.step('legacy → revamp: update the user', async () => {
    await t.app(
      'legacy',
      `UPDATE legacy_users SET full_name = 'Ada, Countess of Lovelace' WHERE username = $1`,
      [name],
    );
    await t.see(
      'revamp',
      'SELECT display_name FROM revamp_users WHERE user_name = ?',
      [name],
      (row) => row?.['display_name'] === 'Ada, Countess of Lovelace',
    );
    return arrived(t, 'revamp', 'users');
  });
  await t.step('legacy → revamp: create a post', async () => {
    await t.app(
      'legacy',
      `INSERT INTO legacy_posts (user_id, post_title, post_content) SELECT id, $2, 'On the Analytical Engine' FROM legacy_users WHERE username = $1`,
      [name, `Notes ${t.run}`],
    );
    await t.see('revamp', 'SELECT id FROM revamp_posts WHERE title = ?', [`Notes ${t.run}`]);
    return arrived(t, 'revamp', 'posts');
  });
  await t.step('legacy → revamp: update the post', async () => {
    await t.app('legacy', `UPDATE legacy_posts SET post_content = 'Note G' WHERE post_title = $1`, [
      `Notes ${t.run}`,
    ]);
    await t.see(
      'revamp',
      'SELECT content FROM revamp_posts WHERE title = ?',
      [`Notes ${t.run}`],
      (row) => row?.['content'] === 'Note G',
    );
    return arrived(t, 'revamp', 'posts');
  });
  const like = `SELECT l.id FROM revamp_likes l JOIN revamp_posts p ON p.id = l.article_id WHERE p.title = ?`;
  await t.step('legacy → revamp: create a like', async () => {
    await t.app(
      'legacy',
      `INSERT INTO legacy_likes (user_id, post_id) SELECT user_id, id FROM legacy_posts WHERE post_title = $1`,
      [`Notes ${t.run}`],
    );
    await t.see('revamp', like, [`Notes ${t.run}`]);
    return arrived(t, 'revamp', 'likes');
  });
  await t.step('legacy → revamp: delete the like', async () => {
    await t.app(
      'legacy',
      `DELETE FROM legacy_likes WHERE post_id = (SELECT id FROM legacy_posts WHERE post_title = $1)`,
      [`Notes ${t.run}`],
    );
    await t.see('revamp', like, [`Notes ${t.run}`], gone);
    return arrived(t, 'revamp', 'likes');
  });
  await t.step('legacy → revamp: delete the user, and with it the post', async () => {
    await t.app('legacy', 'DELETE FROM legacy_users WHERE username = $1', [name]);
    await t.see('revamp', 'SELECT id FROM revamp_users WHERE user_name = ?', [name], gone);
    await t.see('revamp', 'SELECT id FROM revamp_posts WHERE title = ?', [`Notes ${t.run}`], gone);
    return arrived(t, 'revamp', 'users');
  });
}

async function revampToLegacy(t: TourTools): Promise<void> {
  const name = `grace_${t.run}`;
  await t.step('revamp → legacy: create a user', async () => {
    await t.app(
      'revamp',
      `INSERT INTO revamp_users (user_name, email_address, display_name, mobile) VALUES (?, ?, 'Grace Hopper', '+1 202 555 0100')`,
      [name, `${name}@example.com`],
    );
    await t.see('legacy', 'SELECT id FROM legacy_users WHERE username = $1', [name]);
    return arrived(t, 'legacy', 'users');
  });
  await t.step('revamp → legacy: update the user', async () => {
    await t.app(
      'revamp',
      `UPDATE revamp_users SET display_name = 'Rear Admiral Hopper' WHERE user_name = ?`,
      [name],
    );
    await t.see(
      'legacy',
      'SELECT full_name FROM legacy_users WHERE username = $1',
      [name],
      (row) => row?.['full_name'] === 'Rear Admiral Hopper',
    );
    return arrived(t, 'legacy', 'users');
  });
  await t.step('revamp → legacy: create a post', async () => {
    await t.app(
      'revamp',
      `INSERT INTO revamp_posts (author_id, title, content) SELECT id, ?, 'The first bug' FROM revamp_users WHERE user_name = ?`,
      [`Moth ${t.run}`, name],
    );
    await t.see('legacy', 'SELECT id FROM legacy_posts WHERE post_title = $1', [`Moth ${t.run}`]);
    return arrived(t, 'legacy', 'posts');
  });
  const like = `SELECT l.id FROM legacy_likes l JOIN legacy_posts p ON p.id = l.post_id WHERE p.post_title = $1`;
  await t.step('revamp → legacy: create a like', async () => {
    await t.app(
      'revamp',
      `INSERT INTO revamp_likes (liker_id, article_id) SELECT author_id, id FROM revamp_posts WHERE title = ?`,
      [`Moth ${t.run}`],
    );
    await t.see('legacy', like, [`Moth ${t.run}`]);
    return arrived(t, 'legacy', 'likes');
  });
  await t.step('revamp → legacy: delete the post, and with it the like', async () => {
    await t.app('revamp', 'DELETE FROM revamp_posts WHERE title = ?', [`Moth ${t.run}`]);
    await t.see('legacy', 'SELECT id FROM legacy_posts WHERE post_title = $1', [`Moth ${t.run}`], gone);
    return arrived(t, 'legacy', 'posts');
  });
}

async function editOfSyncedRow(t: TourTools): Promise<void> {
  const name = `grace_${t.run}`;
  await t.step('an app edits a row that Tandem wrote, and leaves `source` alone', async () => {
    await t.app('legacy', `UPDATE legacy_users SET status = 'inactive' WHERE username = $1`, [name]);
    await t.see(
      'revamp',
      `SELECT account_status FROM revamp_users WHERE user_name = ?`,
      [name],
      (row) => row?.['account_status'] !== 'ACTIVE',
    );
    return arrived(t, 'revamp', 'users');
  });
  await t.step('forty edits, one at a time, from each side in turn', async () => {
    const each: number[] = [];
    for (let n = 0; n < 40; n++) {
      const text = `Edit ${n}`;
      if (n % 2 === 0) {
        await t.app('legacy', 'UPDATE legacy_users SET full_name = $1 WHERE username = $2', [text, name]);
        await t.see(
          'revamp',
          'SELECT display_name AS text FROM revamp_users WHERE user_name = ?',
          [name],
          (row) => row?.['text'] === text,
        );
      } else {
        await t.app('revamp', 'UPDATE revamp_users SET display_name = ? WHERE user_name = ?', [text, name]);
        await t.see(
          'legacy',
          'SELECT full_name AS text FROM legacy_users WHERE username = $1',
          [name],
          (row) => row?.['text'] === text,
        );
      }
      each.push(t.sinceWrite());
    }
    const slowest = Math.round(Math.max(...each));
    return {
      each,
      eventId: await t.lastEvent('legacy', 'users'),
      note: `median of 40, the slowest ${slowest} ms`,
    };
  });
  await t.step('an app deletes a row that Tandem wrote', async () => {
    await t.app('legacy', 'DELETE FROM legacy_users WHERE username = $1', [name]);
    await t.see('revamp', 'SELECT id FROM revamp_users WHERE user_name = ?', [name], gone);
    return arrived(t, 'revamp', 'users');
  });
}

async function burst(t: TourTools): Promise<void> {
  const count = 200;
  const mark = `burst_${t.run}_`;
  await t.step(`a burst of ${count} users in one transaction`, async () => {
    await t.app(
      'legacy',
      `INSERT INTO legacy_users (username, email, full_name) SELECT $1 || n, $1 || n || '@example.com', 'One of many' FROM generate_series(1, ${count}) n`,
      [mark],
    );
    await t.see(
      'revamp',
      'SELECT count(*) AS n FROM revamp_users WHERE left(user_name, ?) = ?',
      [mark.length, mark],
      (row) => Number(row?.['n']) === count,
    );
    const report = await arrived(t, 'revamp', 'users');
    return { ...report, rows: count, note: `${Math.round((count * 1000) / report.milliseconds!)} rows/s` };
  });
}

async function poison(t: TourTools): Promise<void> {
  const name = `poison_${t.run}`;
  let eventId = '';
  const widen = (length: number) =>
    t.admin('revamp', `ALTER TABLE revamp_users MODIFY mobile VARCHAR(${length}) NULL`);
  await t.step('a poison row becomes a dead letter', async () => {
    await t.app(
      'legacy',
      `INSERT INTO legacy_users (username, email, full_name, phone_number) VALUES ($1, $2, 'Too Long', $3)`,
      [name, `${name}@example.com`, '0'.repeat(40)],
    );
    const dead = await t.deadLetter('users');
    eventId = dead.eventId;
    return { milliseconds: t.sinceWrite(), rows: 0, eventId, note: dead.reason };
  });
  await t.step('the column is widened, the dead letter retried', async () => {
    await widen(64);
    await t.retry(eventId);
    await t.see('revamp', 'SELECT id FROM revamp_users WHERE user_name = ?', [name]);
    return { eventId, note: 'the row arrived' };
  });
  await t.step('the apps tidy up, both ways', async () => {
    await t.app('legacy', `DELETE FROM legacy_users WHERE username = $1`, [name]);
    await t.app('revamp', 'DELETE FROM revamp_users WHERE left(user_name, ?) = ?', [
      `burst_${t.run}_`.length,
      `burst_${t.run}_`,
    ]);
    await t.see('revamp', 'SELECT id FROM revamp_users WHERE user_name = ?', [name], gone);
    await t.see('legacy', `SELECT id FROM legacy_users WHERE username LIKE $1`, [`%${t.run}%`], gone);
    await widen(32);
    return { ...(await arrived(t, 'legacy', 'users')), rows: 201 };
  });
}

async function nothingLooped(t: TourTools): Promise<void> {
  await t.step('nothing looped: the topics hold the apps’ changes and no echo', async () => {
    const before = await t.records();
    const name = `loop_${t.run}`;
    await t.app('legacy', `INSERT INTO legacy_users (username, email, full_name) VALUES ($1, $2, 'Once')`, [
      name,
      `${name}@example.com`,
    ]);
    await t.see('revamp', 'SELECT id FROM revamp_users WHERE user_name = ?', [name]);
    await t.app('revamp', 'DELETE FROM revamp_users WHERE user_name = ?', [name]);
    await t.see('legacy', 'SELECT id FROM legacy_users WHERE username = $1', [name], gone);
    const eventId = await t.lastEvent('legacy', 'users');
    await t.app('legacy', `INSERT INTO legacy_users (username, email) VALUES ($1, $2)`, [
      `${name}_end`,
      `${name}_end@example.com`,
    ]);
    await t.see('revamp', 'SELECT id FROM revamp_users WHERE user_name = ?', [`${name}_end`]);
    await t.app('revamp', 'DELETE FROM revamp_users WHERE user_name = ?', [`${name}_end`]);
    await t.see('legacy', 'SELECT id FROM legacy_users WHERE username = $1', [`${name}_end`], gone);
    const added = (await t.records()) - before;
    if (added !== 4n) throw new Error(`4 changes were made by the apps, the topics grew by ${added}`);
    return { eventId, note: 'end offsets grew by 4 for 4 changes' };
  });
}
