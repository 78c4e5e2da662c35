import sql, { join } from 'sql-template-tag';
import type { IdentityKey } from './contract.ts';
import type { LedgerRetention, OldTombstone } from './retention-contract.ts';
import type { Ledger } from './ledger.ts';
import type { Session } from './session.ts';

type OnSession = <T>(work: (session: Session) => Promise<T>) => Promise<T>;

/** UTC, as both engines read it in a session of that zone. */
const time = (date: Date): string => date.toISOString().replace('T', ' ').replace('Z', '');
const micros = (date: Date): string => String(BigInt(date.getTime()) * 1000n);

/** Housekeeping of a ledger; every statement is a transaction of its own and takes a bounded number of rows. */
export function ledgerRetention(ledger: Ledger, run: OnSession): LedgerRetention {
  const events = ledger.table('processed_events');
  const tombstones = ledger.table('local_tombstones');
  const mappings = ledger.table('entity_mappings');
  return {
    oldEvents: ({ pipeline, before, limit }) =>
      run(async (session) => {
        const { rows } = await session.query(
          sql`SELECT event_id FROM ${events} WHERE pipeline = ${pipeline} AND processed_at < ${time(before)}
            ORDER BY processed_at LIMIT ${limit}`,
        );
        return rows.map((row) => row['event_id'] as string);
      }),
    forgetEvents: (ids) =>
      run(async (session) => {
        if (ids.length === 0) return 0;
        const { affected } = await session.query(sql`DELETE FROM ${events} WHERE event_id IN (${join(ids)})`);
        return affected;
      }),
    oldLocalTombstones: ({ pipeline, entity, side, before, limit }) =>
      run(async (session) => {
        const { rows } = await session.query(
          sql`SELECT row_key FROM ${tombstones}
            WHERE pipeline = ${pipeline} AND entity_type = ${entity} AND side = ${side}
              AND created_at < ${time(before)} AND clock < ${micros(before)} LIMIT ${limit}`,
        );
        return rows.map((row) => row['row_key'] as string);
      }),
    forgetLocalTombstones: ({ pipeline, entity, side, before, keys }) =>
      run(async (session) => {
        if (keys.length === 0) return 0;
        const { affected } = await session.query(
          sql`DELETE FROM ${tombstones}
            WHERE pipeline = ${pipeline} AND entity_type = ${entity} AND side = ${side}
              AND created_at < ${time(before)} AND clock < ${micros(before)} AND row_key IN (${join(keys)})`,
        );
        return affected;
      }),
    oldTombstones: ({ pipeline, entity, sourceSide, targetSide, before, after, limit }) =>
      run(async (session) => {
        const beyond =
          after === null
            ? sql``
            : sql`AND (tombstone_clock > ${String(after.clock)}
                OR (tombstone_clock = ${String(after.clock)} AND source_key > ${after.sourceKey}))`;
        const { rows } = await session.query(
          sql`SELECT source_key, target_key, tombstone_clock, version FROM ${mappings}
            WHERE pipeline = ${pipeline} AND entity_type = ${entity} AND source_side = ${sourceSide}
              AND target_side = ${targetSide} AND tombstone_clock < ${micros(before)}
              AND updated_at < ${time(before)} ${beyond}
            ORDER BY tombstone_clock, source_key LIMIT ${limit}`,
        );
        return rows.map((row): OldTombstone => ({
          sourceKey: row['source_key'] as string,
          targetKey: row['target_key'] as string | null,
          clock: BigInt(row['tombstone_clock'] as string),
          counter: BigInt(row['version'] as string),
        }));
      }),
    forgetIdentity: (key: IdentityKey, counter: bigint) =>
      run(async (session) => {
        const { affected } = await session.query(
          sql`DELETE FROM ${mappings} WHERE ${ledger.identityIs(key)} AND version = ${String(counter)}`,
        );
        return affected === 1;
      }),
  };
}
