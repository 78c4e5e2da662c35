import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { checkQueue, eligibleUsers } from '../../pipelines/dialler/eligibility.ts';
import { jobs } from '../../pipelines/dialler/jobs.ts';
import type { SideSql, Tools } from '../../src/pipeline/tools.ts';
import { pipelineFolder } from '../../src/process/pipelines.ts';
import { statementsOf } from '../../src/process/sql-file.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';
import { noTools } from '../support/no-tools.ts';

let database: TestDatabase;
let dialler: SideSql;

beforeAll(async () => {
  database = await freshDatabase('postgres');
  const schema = await readFile(join(pipelineFolder('dialler'), 'sql', 'dialler', 'schema.sql'), 'utf8');
  await database.query(statementsOf(schema));
  dialler = database.open({ poolSize: 8 }).sql;
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await database.query('TRUNCATE users, claims, claim_requirements, user_call_scores, call_queue');
});

interface Given {
  enabled?: boolean | null;
  status?: string | null;
  claims?: (string | null)[];
  requirements?: string[];
  next?: string | null;
  score?: number;
}

/** A user who is eligible but for what is said otherwise; requirements are of the first claim. */
async function user(id: number, given: Given = {}): Promise<void> {
  const { enabled = true, status = 'active', claims = ['open'], requirements = [], next, score } = given;
  await database.query(
    'INSERT INTO users (id, is_enabled, status, created_at, updated_at) VALUES ($1, $2, $3, now(), now())',
    [id, enabled, status],
  );
  for (const [at, claim] of claims.entries())
    await database.query(
      'INSERT INTO claims (id, user_id, status, created_at, updated_at) VALUES ($1, $2, $3, now(), now())',
      [id * 10 + at, id, claim],
    );
  for (const [at, each] of requirements.entries())
    await database.query(
      'INSERT INTO claim_requirements (id, claim_id, status, created_at, updated_at) VALUES ($1, $2, $3, now(), now())',
      [`${id}-${at}`, id * 10, each],
    );
  if (next !== undefined || score !== undefined)
    await database.query(
      'INSERT INTO user_call_scores (user_id, next_call_after, current_score) VALUES ($1, now() + $2::interval, $3)',
      [id, next ?? null, score ?? 0],
    );
}

const queue = () => database.query('SELECT user_id, status, reason, score FROM call_queue ORDER BY user_id');
const queued = async () => (await queue()).map(({ user_id: id }) => Number(id));

test.each<[string, Given, string | null]>([
  ['enabled, callable, an open claim', {}, 'open_claims'],
  ['a claim of no status', { claims: [null] }, 'open_claims'],
  ['one claim of two open', { claims: ['settled', 'open'] }, 'open_claims'],
  [
    'a pending requirement of a closed claim',
    { claims: ['closed'], requirements: ['PENDING'] },
    'pending_requirements',
  ],
  ['both', { requirements: ['PENDING'] }, 'pending_requirements'],
  ['a requirement that is done', { claims: ['closed'], requirements: ['DONE'] }, null],
  ['every claim closed', { claims: ['settled', 'closed', 'rejected', 'withdrawn'] }, null],
  ['no claim', { claims: [] }, null],
  ['not enabled', { enabled: false }, null],
  ['enabled unknown', { enabled: null }, null],
  ['another status', { status: 'closed' }, null],
  ['no status', { status: null }, null],
  ['pending', { status: 'pending' }, 'open_claims'],
  ['in progress', { status: 'in_progress' }, 'open_claims'],
  ['the next call is due', { next: '-1 second' }, 'open_claims'],
  ['the next call is not due', { next: '1 hour' }, null],
  ['scored, no next call set', { next: null, score: 7 }, 'open_claims'],
])('%s', async (_, given, reason) => {
  await user(1, given);
  await checkQueue(dialler, ['1']);
  const expected = reason === null ? [] : [{ reason, score: given.score ?? 0 }];
  expect(await queue()).toMatchObject(expected);
  expect(await eligibleUsers(dialler, 10)).toMatchObject(expected);
});

test('a check repeated changes nothing, and only what it was asked of', async () => {
  for (const id of [1, 2, 3]) await user(id);
  expect(await checkQueue(dialler, ['1', '2'])).toEqual({ added: 2, changed: 0, removed: 0 });
  const before = await database.query('SELECT * FROM call_queue ORDER BY user_id');
  expect(await checkQueue(dialler, ['1', '2'])).toEqual({ added: 0, changed: 0, removed: 0 });
  expect(await database.query('SELECT * FROM call_queue ORDER BY user_id')).toEqual(before);
  await database.query(`UPDATE claims SET status = 'settled' WHERE user_id IN (1, 2)`);
  expect(await checkQueue(dialler, ['1'])).toEqual({ added: 0, changed: 0, removed: 1 });
  expect(await queued()).toEqual([2]);
});

test('a new score or reason changes the entry where it stands', async () => {
  await user(1);
  await checkQueue(dialler, ['1']);
  const [before] = await database.query('SELECT queued_at, expires_at FROM call_queue');
  await database.query('INSERT INTO user_call_scores (user_id, current_score) VALUES (1, 40)');
  expect(await checkQueue(dialler, ['1'])).toEqual({ added: 0, changed: 1, removed: 0 });
  const [after] = await database.query('SELECT queued_at, expires_at, score FROM call_queue');
  expect(after).toEqual({ ...before, score: 40 });
});

test('an entry of a user who is gone goes; one that an agent has stays', async () => {
  for (const id of [1, 2]) await user(id);
  await checkQueue(dialler, ['1', '2']);
  await database.query(`UPDATE call_queue SET status = 'assigned', assigned_at = now() WHERE user_id = 2`);
  await database.query('DELETE FROM users');
  await checkQueue(dialler, ['1', '2']);
  expect(await queue()).toMatchObject([{ user_id: '2', status: 'assigned' }]);
});

test('checks of one user at once, each after a change, end as the last change says', async () => {
  for (const id of [1, 2, 3, 4]) await user(id);
  const ids = ['1', '2', '3', '4'];
  const flip = async (round: number) => {
    const id = (round % 4) + 1;
    const status = Math.floor(round / 4) % 2 === 0 ? 'settled' : 'open';
    await database.query('UPDATE claims SET status = $1 WHERE user_id = $2', [status, id]);
    // In another order each time: none waits for another in a circle.
    await checkQueue(dialler, round % 2 === 0 ? ids : ids.toReversed());
  };
  await Promise.all(Array.from({ length: 80 }, (_, round) => flip(round)));
  const expected = await eligibleUsers(dialler, 10);
  expect(new Set(await queued())).toEqual(new Set(expected.map(({ user_id: id }) => Number(id))));
});

test('a check sees the change of one that holds the user', async () => {
  await user(1);
  const app = await database.session(database.adminUrl);
  await app.query('BEGIN');
  await app.query('SELECT FROM users WHERE id = 1 FOR UPDATE');
  const check = checkQueue(dialler, ['1']);
  await app.query(`UPDATE users SET is_enabled = false WHERE id = 1`);
  await app.query('COMMIT');
  await check;
  expect(await queued()).toEqual([]);
});

const dropped: string[][] = [];
const tools: Tools = {
  sql: () => dialler,
  cache: { ...noTools.cache, invalidate: (keys) => Promise.resolve(void dropped.push([...keys])) },
};
const jobNamed = (name: string) => jobs.find((each) => each.name === name)!;

test('the refresh makes the queue right for everybody, whatever it was', async () => {
  for (const id of [1, 2]) await user(id);
  await user(3, { enabled: false });
  await database.query(
    `INSERT INTO call_queue (user_id, reason, expires_at) VALUES (3, 'open_claims', now()), (99, 'open_claims', now())`,
  );
  dropped.length = 0;
  expect(await jobNamed('refresh-queue').page(null, tools)).toEqual({
    next: null,
    counts: { users: 4, added: 2, changed: 0, removed: 2 },
    fraction: 1,
  });
  expect(await queued()).toEqual([1, 2]);
  expect(dropped).toEqual([['eligible_users', 'queue:queued', 'queue:assigned']]);
});

test('the refresh goes on from page to page', async () => {
  await database.query(
    `INSERT INTO users (id, is_enabled, status, created_at, updated_at)
       SELECT n, true, 'active', now(), now() FROM generate_series(1, 12000) n`,
  );
  await database.query(
    `INSERT INTO claims (id, user_id, status, created_at, updated_at)
       SELECT n, n, 'open', now(), now() FROM generate_series(1, 12000) n`,
  );
  const refresh = jobNamed('refresh-queue');
  let cursor: string | null = null;
  const pages: [string | null, number | undefined][] = [];
  do {
    const { next, fraction } = await refresh.page(cursor, tools);
    pages.push([next, fraction]);
    cursor = next;
  } while (cursor !== null);
  expect(pages).toEqual([
    ['5000', 5000 / 12000],
    ['10000', 10000 / 12000],
    [null, 1],
  ]);
  expect(await queued()).toHaveLength(12_000);
});

test('expired entries go, and those that agents left come back', async () => {
  await database.query(
    `INSERT INTO call_queue (user_id, reason, status, expires_at, assigned_to, assigned_at) VALUES
       (1, 'open_claims', 'queued', now() - interval '1 second', NULL, NULL),
       (2, 'open_claims', 'queued', now() + interval '1 hour', NULL, NULL),
       (3, 'open_claims', 'assigned', now() - interval '1 second', 'kim', now()),
       (4, 'open_claims', 'assigned', now() + interval '1 hour', 'kim', now() - interval '31 minutes')`,
  );
  expect(await jobNamed('expire-queue').page(null, tools)).toEqual({
    next: null,
    counts: { expired: 1, released: 1 },
  });
  expect(await queue()).toMatchObject([
    { user_id: '2', status: 'queued' },
    { user_id: '3', status: 'assigned' },
    { user_id: '4', status: 'queued' },
  ]);
});
