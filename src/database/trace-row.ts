import sql, { empty, join, raw } from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import type { Identity, IdentityKey, ProcessedEvent, StoredConflict } from './contract.ts';
import { ledgerTime } from './ledger.ts';
import type { Ledger } from './ledger.ts';
import { conflictOf, identityOf, isoOf, processedOf } from './ledger-row.ts';
import type { LedgerRow } from './ledger-row.ts';
import type { Session } from './session.ts';

/** An identity with its times, by the clock of its database, ISO 8601. */
export interface TracedIdentity extends Identity {
  createdAt: string;
  updatedAt: string;
}

/** One row of an entity on the way from one side to the other, by all of its keys that are known. */
export interface TracedRow extends Pick<IdentityKey, 'pipeline' | 'entity' | 'sourceSide' | 'targetSide'> {
  sourceKeys: readonly string[];
  targetKeys: readonly string[];
}

/** What a ledger is asked about a row's events. */
export interface RowQuestion {
  row: TracedRow;
  /** Events of the row that somebody else knows of: they may have come to an outcome without a target row. */
  eventIds: readonly string[];
  /** Outcomes and conflicts noted then or later, ISO 8601 UTC; null: all. */
  since: string | null;
  /** The newest so many outcomes, and conflicts. */
  limit: number;
}

/** What one ledger knows of a row's events. */
export interface RowEvents {
  processed: readonly (ProcessedEvent & { at: string })[];
  conflicts: readonly StoredConflict[];
  waiting: readonly {
    eventId: string;
    awaited: { entity: string; side: string; key: string };
    since: string;
  }[];
}

/** Identities of the row by any of its keys. */
export async function traceIdentities(
  ledger: Ledger,
  session: Session,
  { sourceKeys, targetKeys, ...row }: TracedRow,
): Promise<TracedIdentity[]> {
  const found = await session.query(
    sql`SELECT * FROM ${ledger.table('entity_mappings')}
      WHERE pipeline = ${row.pipeline} AND entity_type = ${row.entity} AND source_side = ${row.sourceSide}
        AND target_side = ${row.targetSide} AND (${among('source_key', sourceKeys)} OR ${among('target_key', targetKeys)})
      ORDER BY created_at`,
  );
  return found.rows.map((each) => ({
    ...identityOf(each as unknown as LedgerRow),
    createdAt: isoOf(each['created_at']),
    updatedAt: isoOf(each['updated_at']),
  }));
}

/** Reads all that is kept of the entity's events since then: no index has the rows' keys. */
export async function traceRow(
  ledger: Ledger,
  session: Session,
  { row, eventIds, since, limit }: RowQuestion,
): Promise<RowEvents> {
  const { pipeline, entity, sourceSide, targetSide, sourceKeys, targetKeys } = row;
  const newest = async (table: 'processed_events' | 'conflicts', at: Sql, condition: Sql) => {
    const after = since === null ? empty : sql`AND ${at} >= ${ledgerTime(since)}`;
    const { rows } = await session.query(
      sql`SELECT * FROM ${ledger.table(table)} WHERE ${condition} ${after}
        ORDER BY ${at} DESC LIMIT ${raw(String(limit))}`,
    );
    return rows;
  };
  const ofEntity = sql`pipeline = ${pipeline} AND entity_type = ${entity}`;
  const ofRow = sql`${ofEntity} AND ${among('target_key', targetKeys)}`;
  const processedAt = raw('processed_at');
  const processed = new Map(
    [
      ...(await newest('processed_events', processedAt, ofRow)),
      ...(await newest('processed_events', processedAt, among('event_id', eventIds))),
    ].map((each) => [each['event_id'], { ...processedOf(each), at: isoOf(each['processed_at']) }]),
  );
  const known = [...processed.values()].map(({ eventId }) => eventId);
  const conflicts = await newest(
    'conflicts',
    raw('created_at'),
    sql`target_side = ${targetSide} AND ${ofEntity} AND (${among('target_key', targetKeys)} OR ${among('event_id', known)})`,
  );
  const { rows: waiting } = await session.query(
    sql`SELECT event_id, awaited_entity, awaited_side, awaited_key, entered_at FROM ${ledger.table('waiting_events')}
      WHERE ${ofEntity} AND source_side = ${sourceSide} AND target_side = ${targetSide}
        AND ${among('source_key', sourceKeys)} ORDER BY entered_at`,
  );
  return {
    processed: [...processed.values()],
    conflicts: conflicts.map(conflictOf),
    waiting: waiting.map((each) => ({
      eventId: each['event_id'] as string,
      awaited: {
        entity: each['awaited_entity'] as string,
        side: each['awaited_side'] as string,
        key: each['awaited_key'] as string,
      },
      since: isoOf(each['entered_at']),
    })),
  };
}

const among = (column: string, values: readonly string[]): Sql =>
  values.length === 0 ? sql`1 = 0` : sql`${raw(column)} IN (${join([...values])})`;
