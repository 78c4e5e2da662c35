import { connectPlain } from '../src/database/plain-connection.ts';
import type { System } from '../test/chaos/system.ts';
import { measureLane } from './lane.ts';
import type { LaneResult } from './lane.ts';

/** What an event costs by how many are queued, and by how many rows the ledgers hold. */
export interface Growth {
  /** Of lane `auto`, which takes batches where much is queued. */
  queued: ({ events: number } & LaneResult)[];
  ledger: ({ rows: number; eventsPerSecond: number } & LaneResult)[];
}

export interface GrowthRun {
  queued: readonly number[];
  ledger: readonly number[];
  /** Measured with each size of the ledgers: so many in the event lane, so many in the batch lane. */
  events: number;
  rows: number;
}

/** Far from the keys of rows that are there. */
const firstKey = 700_000_000_000_000;

export async function measureGrowth(
  system: System,
  environment: NodeJS.ProcessEnv,
  { queued, ledger, events, rows }: GrowthRun,
): Promise<Growth> {
  const growth: Growth = { queued: [], ledger: [] };
  for (const count of queued)
    growth.queued.push({
      events: count,
      ...(await measureLane(system, environment, { lane: 'auto', workload: 'insert', rows: count })),
    });
  let filled = 0;
  for (const size of ledger) {
    await fillLedgers(system, filled, size);
    filled = size;
    const event = { lane: 'event', workload: 'insert', rows: events } as const;
    const { perSecond: eventsPerSecond } = await measureLane(system, environment, event);
    const batch = await measureLane(system, environment, { lane: 'batch', workload: 'insert', rows });
    growth.ledger.push({ rows: size, eventsPerSecond, ...batch });
  }
  return growth;
}

/** Memory of a process that finds so many records, in the event lane, while it works off the first `until`; the rest is left. */
export const measureBacklog = (
  system: System,
  environment: NodeJS.ProcessEnv,
  { rows, until }: { rows: number; until: number },
): Promise<LaneResult> =>
  measureLane(system, environment, { lane: 'event', workload: 'insert', rows, until });

/** Identities and processed events as rows of `posts` leave them, in both ledgers. */
async function fillLedgers({ adminUrls }: System, from: number, to: number): Promise<void> {
  const legacy = await connectPlain('postgres', adminUrls.legacy);
  const revamp = await connectPlain('mysql', adminUrls.revamp);
  const postgresNumbers = `generate_series(${from + 1}, ${to}) AS numbers (n)`;
  const identities = (source: string, target: string, text: string, rows: string) =>
    `INSERT INTO tandem.entity_mappings (pipeline, entity_type, source_side, source_key, target_side, target_key, version)
      SELECT 'blog', 'posts', '${source}', ${text}, '${target}', ${text}, 1 FROM ${rows}`;
  const processed = (id: string, rows: string) =>
    `INSERT INTO tandem.processed_events (event_id, pipeline, entity_type, outcome) SELECT ${id}, 'blog', 'posts', 'applied' FROM ${rows}`;
  try {
    const postgresKey = `(${firstKey} + n)::text`;
    await legacy.query(identities('revamp', 'legacy', postgresKey, postgresNumbers));
    await legacy.query(processed('gen_random_uuid()::text', postgresNumbers));
    await legacy.query('ANALYZE tandem.entity_mappings, tandem.processed_events');
    await revamp.query(`SET SESSION cte_max_recursion_depth = ${to + 1}`);
    const mysqlNumbers = `(WITH RECURSIVE numbers (n) AS (SELECT ${from + 1} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${to}) SELECT n FROM numbers) AS numbers`;
    await revamp.query(identities('legacy', 'revamp', `CAST(${firstKey} + n AS CHAR)`, mysqlNumbers));
    await revamp.query(processed('UUID()', mysqlNumbers));
    await revamp.query('ANALYZE TABLE tandem.entity_mappings, tandem.processed_events');
  } finally {
    await Promise.all([legacy.close(), revamp.close()]);
  }
}
