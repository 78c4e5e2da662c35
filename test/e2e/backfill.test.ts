import { beforeAll, expect, test } from '@jest/globals';
import { connectPlain } from '../../src/database/plain-connection.ts';
import { resolveSides } from '../../src/process/config/sides.ts';
import type { BackfillStatus } from '../../src/temporal/backfill.ts';
import { backfillId, queryNames } from '../../src/temporal/names.ts';
import { openBlog, runBlog } from '../support/blog-system.ts';
import type { Blog } from '../support/blog-system.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { differences } from '../support/differences.ts';
import { eventually } from '../support/eventually.ts';
import { testAddresses } from '../support/test-stack.ts';

beforeAll(buildCli);

const run = (...words: string[]) => tandem(['backfill', ...words], { ...testAddresses() });

/** Runs a backfill of the rows a condition names to its end. */
async function bring(
  entity: string,
  from: string,
  where: string,
  ...more: string[]
): Promise<BackfillStatus> {
  const words = ['blog', '--entity', entity, '--from', from, '--where', where, '--json', ...more];
  const { code, stdout, stderr } = await run(...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as BackfillStatus;
}

/** Users of one name with two posts each, on both sides. */
async function seed(blog: Blog, name: string, users: number): Promise<void> {
  await blog.app(
    'legacy',
    `INSERT INTO legacy_users (username, email)
      SELECT $1 || n, $1 || n || '@example.com' FROM generate_series(1, ${users}) n`,
    [`${name}_`],
  );
  await blog.app(
    'legacy',
    `INSERT INTO legacy_posts (user_id, post_title)
      SELECT id, username || ' post ' || n FROM legacy_users, generate_series(1, 2) n WHERE username LIKE $1`,
    [`${name}%`],
  );
  await eventually('both sides to agree', async () => (await differences(blog, name)).length === 0);
}

/** What is done behind everybody's back: nothing of it is in the log. */
async function unlogged(blog: Blog, statements: readonly string[]): Promise<void> {
  const admin = await connectPlain(
    'mysql',
    resolveSides(blog.pipeline, blog.environment).get('revamp')!.adminUrl!,
  );
  try {
    await admin.query('SET SESSION sql_log_bin = 0');
    for (const statement of statements) await admin.query(statement);
  } finally {
    await admin.close();
  }
}

test('rows that the other side has lost come back, parents first, and what is there already is only counted', async () => {
  await using blog = await runBlog();
  const name = `lost_${blog.run}`;
  await seed(blog, name, 40);
  const [users, posts] = [
    `SELECT CAST(id AS CHAR) FROM revamp_users WHERE user_name LIKE '${name}%'`,
    `SELECT CAST(id AS CHAR) FROM revamp_posts WHERE title LIKE '${name}%'`,
  ];
  const ledger = (table: string, key: string) =>
    [users, posts].map(
      (ids, at) =>
        `DELETE FROM tandem.${table} WHERE entity_type = '${at === 0 ? 'users' : 'posts'}' AND ${key} IN (SELECT * FROM (${ids}) ids)`,
    );
  const gone = await blog.admin('revamp', 'SELECT id FROM revamp_users WHERE user_name LIKE ?', [`${name}%`]);
  await unlogged(blog, [
    ...ledger('entity_mappings', 'target_key'),
    `DELETE FROM revamp_users WHERE user_name LIKE '${name}%'`,
    // Left by the triggers, which know nothing of a loss.
    'DELETE FROM tandem.local_tombstones',
  ]);
  const usersOf = `username LIKE '${name}%'`;
  expect(await bring('users', 'legacy', usersOf, '--dry-run')).toMatchObject({
    state: 'done',
    dryRun: true,
    steps: [{ rows: 40, paired: 0 }],
  });
  const { state, steps } = await bring('users', 'legacy', usersOf, '--page-rows', '7');
  expect({ state, steps }).toMatchObject({
    state: 'done',
    steps: [{ entity: 'users', from: 'legacy', to: 'revamp', rows: 40, total: 40 }],
  });
  // A page that lost its locks to another time and again leaves rows to themselves.
  expect((steps[0]!.outcomes.applied ?? 0) + steps[0]!.left).toBe(40);
  expect(await bring('posts', 'legacy', `post_title LIKE '${name}%'`)).toMatchObject({
    steps: [{ rows: 80, left: 0, outcomes: { applied: 80 } }],
  });
  await eventually('both sides to agree', async () => (await differences(blog, name)).length === 0);
  // The pairs are what they were: the claims in the other ledger tell.
  expect(
    await blog.admin('revamp', 'SELECT id FROM revamp_users WHERE user_name LIKE ?', [`${name}%`]),
  ).toEqual(gone);
  expect(await bring('users', 'legacy', usersOf)).toMatchObject({ steps: [{ outcomes: { unchanged: 40 } }] });
});

test('rows that both sides had before anybody knew of them become pairs by their natural key', async () => {
  await using blog = await runBlog();
  const name = `known_${blog.run}`;
  await seed(blog, name, 12);
  const forget = (ids: string) =>
    `DELETE FROM tandem.entity_mappings WHERE entity_type = 'users' AND (source_key IN (${ids}) OR target_key IN (${ids}))`;
  const legacyIds = `SELECT id::text FROM legacy_users WHERE username LIKE '${name}%'`;
  await blog.admin('legacy', forget(legacyIds), []);
  await blog.admin(
    'legacy',
    `DELETE FROM tandem.identity_claims WHERE entity_type = 'users' AND fixed_key IN (${legacyIds})`,
    [],
  );
  const revampIds = `SELECT * FROM (SELECT CAST(id AS CHAR) FROM revamp_users WHERE user_name LIKE '${name}%') ids`;
  await unlogged(blog, [forget(revampIds)]);

  const [there, back] = [`username LIKE '${name}%'`, `user_name LIKE '${name}%'`];
  expect(await bring('users', 'legacy', there)).toMatchObject({ steps: [{ rows: 12, left: 0 }] });
  expect(await bring('users', 'revamp', back)).toMatchObject({ steps: [{ rows: 12, left: 0 }] });
  expect(await differences(blog, name)).toEqual([]);
  expect(
    await blog.admin('revamp', 'SELECT count(*) AS n FROM revamp_users WHERE user_name LIKE ?', [`${name}%`]),
  ).toEqual([{ n: '12' }]);
  await blog.app('revamp', 'UPDATE revamp_users SET display_name = ? WHERE user_name = ?', [
    'Ada',
    `${name}_3`,
  ]);
  await blog.see(
    'legacy',
    'SELECT full_name FROM legacy_users WHERE username = $1',
    [`${name}_3`],
    (row) => row?.['full_name'] === 'Ada',
  );
});

test.each([
  [
    'legacy',
    'revamp',
    'postgres',
    'legacy_users',
    'username',
    'full_name',
    'revamp_users',
    'user_name',
    'display_name',
  ],
  [
    'revamp',
    'legacy',
    'mysql',
    'revamp_users',
    'user_name',
    'display_name',
    'legacy_users',
    'username',
    'full_name',
  ],
] as const)(
  'a change that was not committed when its row was read outranks it: from %s',
  async (from, to, engine, table, named, column, target, targetNamed, targetColumn) => {
    await using blog = await runBlog();
    const name = `open_${from}_${blog.run}`;
    await seed(blog, name, 3);
    const admin = await connectPlain(
      engine,
      resolveSides(blog.pipeline, blog.environment).get(from)!.adminUrl!,
    );
    try {
      await admin.query('BEGIN');
      await admin.query(`UPDATE ${table} SET ${column} = 'later' WHERE ${named} = '${name}_2'`);
      expect(await bring('users', from, `${named} LIKE '${name}%'`)).toMatchObject({
        steps: [{ rows: 3, outcomes: { unchanged: 3 } }],
      });
      await admin.query('COMMIT');
    } finally {
      await admin.close();
    }
    const parameter = engine === 'postgres' ? '?' : '$1';
    await blog.see(
      to,
      `SELECT ${targetColumn} AS text FROM ${target} WHERE ${targetNamed} = ${parameter}`,
      [`${name}_2`],
      (row) => row?.['text'] === 'later',
    );
    expect(await bring('users', from, `${named} LIKE '${name}%'`)).toMatchObject({
      steps: [{ rows: 3, outcomes: { unchanged: 3 } }],
    });
  },
);

test('it outlives its workers, may be paused and ended, and says how far it is', async () => {
  await using blog = await runBlog();
  const name = `slow_${blog.run}`;
  await seed(blog, name, 30);
  const words = ['blog', '--entity', 'users', '--from', 'legacy', '--where', `username LIKE '${name}%'`];
  const slow = ['--page-rows', '2', '--parallel', '1', '--rate', '10', '--detach'];
  const status = () =>
    blog.client.workflow.getHandle(backfillId('blog')).query<BackfillStatus>(queryNames.status);
  const begun = async () => (await status()).steps[0]!.rows > 0;

  expect((await run(...words, ...slow)).stdout).toMatch(/in the Web UI: http/);
  expect((await run(...words)).stderr).toContain('a backfill of blog is under way');
  await eventually('the first page', begun);
  await blog.whileStopped(() => Promise.resolve());
  await eventually('its end', async () => (await status()).state === 'done');
  expect((await status()).steps[0]).toMatchObject({ rows: 30, outcomes: { unchanged: 30 } });
  expect((await run('status', 'blog')).stdout).toMatch(/blog: done .*30 of 30 rows/);

  await run(...words, ...slow);
  await eventually('the first page', begun);
  expect((await run('pause', 'blog')).stdout).toContain('blog: paused');
  expect((await run('resume', 'blog')).stdout).toContain('blog: running');
  expect((await run('cancel', 'blog')).stdout).toContain('cancelled');
  await eventually('the cancellation', async () => {
    const { status: at } = await blog.client.workflow.getHandle(backfillId('blog')).describe();
    return at.name === 'CANCELLED';
  });
  expect(await run('status', 'blog')).toMatchObject({ code: 1 });
});

test('that no worker is there to do it is said, and it can be ended all the same', async () => {
  await using _blog = await openBlog();
  const begun = await run('blog', '--entity', 'users', '--from', 'legacy', '--where', 'false');
  expect(begun).toMatchObject({ code: 1, stderr: expect.stringContaining('no worker of blog answers') });
  expect((await run('cancel', 'blog')).stdout).toContain('is cancelled');
});

test('what is asked for wrongly is said, and nothing begins', async () => {
  const { stderr: entity, code } = await run('blog', '--entity', 'nothing');
  expect({ code, entity }).toEqual({
    code: 2,
    entity: '--entity: blog has no entity nothing, only users, posts, likes',
  });
  expect((await run('blog', '--from', 'nowhere')).stderr).toContain('blog has no side nowhere');
  expect((await run('blog', '--where', 'true')).stderr).toContain('--where: is about one table');
  expect((await run('blog', '--rate', '0')).stderr).toContain('must be a whole number from 1');
});
