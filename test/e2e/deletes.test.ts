import { beforeAll, expect, test } from '@jest/globals';
import { runBlog } from '../support/blog-system.ts';
import type { Blog } from '../support/blog-system.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { eventually } from '../support/eventually.ts';
import { testAddresses } from '../support/test-stack.ts';

beforeAll(buildCli);

const gone = (row: unknown) => row === undefined;
const find = {
  legacy: 'SELECT id, full_name AS name, email AS email FROM legacy_users WHERE username = $1',
  revamp: 'SELECT id, display_name AS name, email_address AS email FROM revamp_users WHERE user_name = ?',
} as const;
const rename = {
  legacy: 'UPDATE legacy_users SET full_name = $1 WHERE username = $2',
  revamp: 'UPDATE revamp_users SET display_name = ? WHERE user_name = ?',
} as const;
const remove = {
  legacy: 'DELETE FROM legacy_users WHERE username = $1',
  revamp: 'DELETE FROM revamp_users WHERE user_name = ?',
} as const;
type Side = keyof typeof find;

/** A user written in legacy, there on both sides; the keys of both rows. */
async function pairOf(blog: Blog, name: string) {
  await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
    name,
    `${name}@example.com`,
  ]);
  const revamp = await blog.see('revamp', find.revamp, [name]);
  const legacy = await blog.see('legacy', find.legacy, [name]);
  return { legacy: String(legacy['id']), revamp: String(revamp['id']) };
}

interface Listed {
  id: string;
  key: string;
  winner: string;
}

test('deletes that meet edits, deletes and new inserts while nothing runs: both sides agree afterwards', async () => {
  await using blog = await runBlog();
  const name = (what: string) => `${what}_${blog.run}`;
  const email = (what: string) => `${name(what)}@example.com`;
  const [edited, older, again, replaced] = await Promise.all(
    ['edited', 'older', 'again', 'replaced', 'both'].map((what) => pairOf(blog, name(what))),
  );
  const title = name('post');
  await blog.app(
    'revamp',
    'INSERT INTO revamp_posts (author_id, title) SELECT id, ? FROM revamp_users WHERE user_name = ?',
    [title, name('replaced')],
  );
  await blog.see('legacy', 'SELECT 1 FROM legacy_posts WHERE post_title = $1', [title]);

  await blog.whileStopped(async () => {
    await blog.app('legacy', remove.legacy, [name('edited')]);
    await blog.app('revamp', rename.revamp, ['edited after the delete', name('edited')]);
    await blog.app('legacy', rename.legacy, ['edited before the delete', name('older')]);
    await blog.app('revamp', remove.revamp, [name('older')]);
    await blog.app('legacy', remove.legacy, [name('both')]);
    await blog.app('revamp', remove.revamp, [name('both')]);
    await blog.app('legacy', remove.legacy, [name('again')]);
    await blog.app('legacy', 'INSERT INTO legacy_users (id, username, email) VALUES ($1, $2, $3)', [
      again!.legacy,
      name('again'),
      email('new'),
    ]);
    await blog.app('revamp', 'REPLACE INTO revamp_users (id, user_name, email_address) VALUES (?, ?, ?)', [
      replaced!.revamp,
      name('replaced'),
      email('put'),
    ]);
  });

  const agree = async (what: string, pair: Record<Side, string>, values: Record<string, unknown>) => {
    for (const side of ['legacy', 'revamp'] as const) {
      const accept = (row: Record<string, unknown> | undefined) =>
        Object.entries(values).every(([column, value]) => row?.[column] === value);
      const row = await blog.see(side, find[side], [name(what)], accept);
      expect(String(row['id'])).toBe(pair[side]);
    }
  };
  await agree('edited', edited!, { name: 'edited after the delete' });
  await agree('older', older!, { name: 'edited before the delete' });
  await agree('again', again!, { email: email('new') });
  await agree('replaced', replaced!, { email: email('put') });
  for (const side of ['legacy', 'revamp'] as const)
    expect(await blog.admin(side, find[side], [name('both')])).toEqual([]);
  await blog.see('legacy', 'SELECT 1 FROM legacy_posts WHERE post_title = $1', [title], gone);

  const cli = async (...words: string[]) => {
    const { code, stdout, stderr } = await tandem(['conflicts', ...words], { ...testAddresses() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const listed = JSON.parse(
    await cli('list', '--json', '--type', 'delete_origin_differs', '--side', 'revamp', '--since', '10m'),
  ) as Listed[];
  const conflict = listed.find(({ key }) => key === edited!.revamp);
  expect(conflict?.winner).toBe('revamp');
  expect(await cli('show', conflict!.id)).toContain('edited after the delete');
  expect(await blog.running.metrics.expose()).toMatch(
    /sync_conflicts_total\{table="legacy.legacy_users",type="delete_origin_differs",verdict="kept"\} [1-9]/,
  );
});

test('an update that comes after the delete of its row stays without effect', async () => {
  await using blog = await runBlog();
  const [author, unfit] = [`late_${blog.run}`, `unfit_${blog.run}`];
  const title = `Late ${blog.run}`;
  await pairOf(blog, author);
  await blog.app(
    'legacy',
    'INSERT INTO legacy_posts (user_id, post_title) SELECT id, $1 FROM legacy_users WHERE username = $2',
    [title, author],
  );
  await blog.see('revamp', 'SELECT 1 FROM revamp_posts WHERE title = ?', [title]);
  // Its new author does not fit the other side: the update waits for it.
  await blog.app('legacy', 'INSERT INTO legacy_users (username, email, phone_number) VALUES ($1, $2, $3)', [
    unfit,
    `${unfit}@example.com`,
    '7'.repeat(50),
  ]);
  const { eventId } = await blog.deadLetter('users');
  await blog.app(
    'legacy',
    'UPDATE legacy_posts SET user_id = (SELECT id FROM legacy_users WHERE username = $1) WHERE post_title = $2',
    [unfit, title],
  );
  await eventually('the update to wait for its author', async () => {
    const waiting = blog.client.workflow.list({
      query: `WorkflowType = 'syncChange' AND ExecutionStatus = 'Running' AND TandemErrorClass = 'waiting_for_row'`,
    });
    for await (const { workflowId } of waiting) return workflowId;
    return null;
  });
  await blog.app('legacy', 'DELETE FROM legacy_posts WHERE post_title = $1', [title]);
  await blog.see('revamp', 'SELECT 1 FROM revamp_posts WHERE title = ?', [title], gone);

  const stale = async () => {
    const metrics = await blog.running.metrics.expose();
    return Number(/sync_total\{table="legacy.legacy_posts",status="stale"\} (\d+)/.exec(metrics)?.[1] ?? 0);
  };
  const before = await stale();
  await blog.app('legacy', `UPDATE legacy_users SET phone_number = '7' WHERE username = $1`, [unfit]);
  await eventually('the update to come to its outcome', async () => (await stale()) > before);
  expect(await blog.admin('revamp', 'SELECT 1 FROM revamp_posts WHERE title = ?', [title])).toEqual([]);
  const discarded = await tandem(['dlq', 'discard', eventId, '--reason', 'a later one fits'], {
    ...testAddresses(),
  });
  expect(discarded.code).toBe(0);
});

/** On MySQL TRUNCATE begins with key 1 again: the keys of rows whose pairs are in the ledgers of later tests. */
async function keysOf(blog: Blog, side: Side): Promise<() => Promise<unknown>> {
  if (side === 'legacy') return () => Promise.resolve();
  await blog.admin(side, 'SET SESSION information_schema_stats_expiry = 0');
  const [row] = await blog.admin(
    side,
    `SELECT AUTO_INCREMENT AS next FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'revamp_likes'`,
  );
  return () => blog.admin(side, `ALTER TABLE revamp_likes AUTO_INCREMENT = ${String(row!['next'])}`);
}

test('TRUNCATE is told on both engines and applied on neither', async () => {
  await using blog = await runBlog();
  const like = async (name: string) => {
    await pairOf(blog, name);
    await blog.app(
      'legacy',
      `WITH post AS (INSERT INTO legacy_posts (user_id, post_title)
         SELECT id, username FROM legacy_users WHERE username = $1 RETURNING *)
       INSERT INTO legacy_likes (user_id, post_id) SELECT user_id, id FROM post`,
      [name],
    );
    await blog.see(
      'revamp',
      'SELECT 1 FROM revamp_likes l JOIN revamp_posts p ON p.id = l.article_id WHERE p.title = ?',
      [name],
    );
  };
  for (const [side, other] of [
    ['legacy', 'revamp'],
    ['revamp', 'legacy'],
  ] as const) {
    await like(`truncate_${side}_${blog.run}`);
    const restoreKeys = await keysOf(blog, side);
    await blog.admin(side, `TRUNCATE TABLE ${side}_likes`);
    await restoreKeys();
    await eventually(`the TRUNCATE on ${side} to be told`, async () =>
      (await blog.running.metrics.expose()).includes(
        `sync_trouble{trouble="table_truncated",name="${side}.${side}_likes"} 1`,
      ),
    );
    expect(await blog.admin(other, `SELECT 1 FROM ${other}_likes LIMIT 1`)).toHaveLength(1);
    await blog.app(other, `DELETE FROM ${other}_likes`);
  }
  const { troubles } = await blog.running.health.report();
  expect(troubles.map(({ name }) => name)).toEqual(['legacy.legacy_likes', 'revamp.revamp_likes']);
});
