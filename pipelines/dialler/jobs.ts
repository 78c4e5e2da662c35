import { job } from '../../src/pipeline/jobs.ts';
import type { JobPage } from '../../src/pipeline/jobs.ts';
import type { Tools } from '../../src/pipeline/tools.ts';
import { ofQueue } from './cache-keys.ts';
import { userCallContext } from './context.ts';
import { checkQueue } from './eligibility.ts';

const minute = 60_000;

/** Users of one transaction of the refresh. */
const refreshRows = 5000;

/** Also entries of users that are gone. */
async function refreshPage(cursor: string | null, { sql, cache }: Tools): Promise<JobPage> {
  const dialler = sql('dialler');
  const rows = await dialler.query(
    `SELECT id, (SELECT max(id) FROM users) AS last
       FROM (SELECT id FROM users WHERE id > $1 UNION SELECT user_id FROM call_queue WHERE user_id > $1) ids
       ORDER BY id LIMIT ${refreshRows}`,
    [cursor ?? '0'],
  );
  const ids = rows.map(({ id }) => String(id));
  const counts = await checkQueue(dialler, ids);
  await cache.invalidate(ofQueue);
  const reached = ids.at(-1);
  const isDone = ids.length < refreshRows;
  return {
    next: isDone ? null : reached!,
    counts: { users: ids.length, ...counts },
    fraction: isDone ? 1 : Math.min(1, Number(reached) / Number(rows[0]!['last'] ?? reached)),
  };
}

/** How long an agent may keep an entry. */
const assignedFor = '30 minutes';
const expiryRows = 1000;

async function expirePage({ sql, cache }: Tools): Promise<JobPage> {
  const [row] = await sql('dialler').query(
    `WITH expired AS (
       DELETE FROM call_queue WHERE user_id IN (
         SELECT user_id FROM call_queue WHERE status = 'queued' AND expires_at <= now()
         LIMIT ${expiryRows} FOR UPDATE SKIP LOCKED)
       RETURNING 1
     ), released AS (
       UPDATE call_queue SET status = 'queued', assigned_to = NULL, assigned_at = NULL WHERE user_id IN (
         SELECT user_id FROM call_queue WHERE status = 'assigned' AND assigned_at <= now() - $1::interval
         LIMIT ${expiryRows} FOR UPDATE SKIP LOCKED)
       RETURNING 1
     )
     SELECT (SELECT count(*) FROM expired)::int AS expired, (SELECT count(*) FROM released)::int AS released`,
    [assignedFor],
  );
  const { expired, released } = row as { expired: number; released: number };
  await cache.invalidate(ofQueue);
  const isFull = expired === expiryRows || released === expiryRows;
  return { next: isFull ? 'more' : null, counts: { expired, released } };
}

const warmRows = 100;
/** So many entries at the head of the queue. */
const warmEntries = 1000;

async function warmPage(cursor: string | null, tools: Tools): Promise<JobPage> {
  const from = Number(cursor ?? 0);
  const rows = await tools.sql('dialler').query(
    `SELECT user_id FROM call_queue WHERE status = 'queued' ORDER BY score DESC, queued_at, user_id
       LIMIT ${warmRows} OFFSET ${from}`,
  );
  for (const { user_id: id } of rows) await userCallContext(String(id), tools);
  const next = from + warmRows;
  const isDone = rows.length < warmRows || next >= warmEntries;
  return {
    next: isDone ? null : String(next),
    counts: { contexts: rows.length },
    fraction: isDone ? 1 : next / warmEntries,
  };
}

export const jobs = [
  job({
    name: 'refresh-queue',
    description: 'Make the call queue right for every user',
    everyMs: 5 * minute,
    page: refreshPage,
  }),
  job({
    name: 'expire-queue',
    description: 'Drop expired entries of the call queue, and take back those that agents left',
    everyMs: minute,
    page: (_cursor, tools) => expirePage(tools),
  }),
  job({
    name: 'warm-contexts',
    description: 'Cache the contexts of the users who are called next',
    everyMs: 10 * minute,
    page: warmPage,
  }),
];
