import { conflictTypes, outcomes } from '../change/outcome.ts';
import type { Outcome } from '../change/outcome.ts';
import type { Row } from '../change/value.ts';
import type { ConflictRecord, Identity, ProcessedEvent, StoredConflict, Version } from './contract.ts';

/** A row of `entity_mappings` as both drivers read it: 64-bit integers as text. */
export interface LedgerRow {
  pipeline: string;
  entity_type: string;
  source_side: string;
  source_key: string;
  target_side: string;
  target_key: string | null;
  epoch: string | null;
  position: string | null;
  /** A `Date` of PostgreSQL's driver, text in UTC of MySQL's. */
  source_ts: Date | string | null;
  version: string;
  clock: string | null;
  clock_side: string | null;
  row_hash: string | null;
  tombstone_clock: string | null;
  tombstone_side: string | null;
  source_clock: string | null;
}

export function identityOf(row: LedgerRow): Identity {
  return {
    pipeline: row.pipeline,
    entity: row.entity_type,
    sourceSide: row.source_side,
    sourceKey: row.source_key,
    targetSide: row.target_side,
    targetKey: row.target_key,
    position: row.position === null ? null : { epoch: Number(row.epoch), order: row.position },
    sourceTime: row.source_ts === null ? null : millisecondsOf(row.source_ts),
    counter: BigInt(row.version),
    written: version(row.clock, row.clock_side),
    rowHash: row.row_hash,
    tombstone: version(row.tombstone_clock, row.tombstone_side),
    sourceClock: row.source_clock === null ? null : BigInt(row.source_clock),
  };
}

const millisecondsOf = (at: Date | string): number =>
  at instanceof Date ? at.getTime() : Date.parse(`${at.replace(' ', 'T')}Z`);

const version = (clock: string | null, side: string | null): Version | null =>
  clock === null || side === null ? null : { clock: BigInt(clock), side };

export function processedOf(row: Record<string, unknown>): ProcessedEvent {
  return {
    eventId: row['event_id'] as string,
    pipeline: row['pipeline'] as string,
    entity: row['entity_type'] as string,
    outcome: outcomeOf(row['outcome']),
    targetKey: row['target_key'] as string | null,
  };
}

const outcomeOf = (text: unknown): Outcome => known(outcomes, text, 'an outcome');

/** The word of a list that the ledger holds; a newer version of Tandem may have written another. */
function known<T extends string>(words: readonly T[], text: unknown, what: string): T {
  const word = words.find((each) => each === text);
  if (word === undefined) throw new Error(`the ledger holds ${what} this version does not know`);
  return word;
}

/** A time as either driver reads it, ISO 8601. */
export const isoOf = (at: unknown): string =>
  at instanceof Date ? at.toISOString() : `${String(at).replace(' ', 'T')}Z`;

/** Column to parameter of a row of `conflicts`. */
export function conflictValues({ incoming, existing, ...conflict }: ConflictRecord): Record<string, unknown> {
  return {
    event_id: conflict.eventId,
    pipeline: conflict.pipeline,
    entity_type: conflict.entity,
    target_side: conflict.targetSide,
    target_key: conflict.targetKey,
    type: conflict.type,
    verdict: conflict.verdict,
    incoming_clock: String(incoming.version.clock),
    incoming_side: incoming.version.side,
    incoming_row: incoming.row && JSON.stringify(incoming.row),
    existing_clock: existing.version && String(existing.version.clock),
    existing_side: existing.version && existing.version.side,
    existing_row: existing.row && JSON.stringify(existing.row),
  };
}

/** A row of `conflicts` as either driver reads it. */
export function conflictOf(row: Record<string, unknown>): StoredConflict {
  const text = (column: string) => row[column] as string | null;
  const image = (column: string) => JSON.parse(text(column) ?? 'null') as Row | null;
  return {
    id: String(row['id']),
    recordedAt: isoOf(row['created_at']),
    eventId: row['event_id'] as string,
    pipeline: row['pipeline'] as string,
    entity: row['entity_type'] as string,
    targetSide: row['target_side'] as string,
    targetKey: text('target_key'),
    type: known(conflictTypes, row['type'], 'a conflict type'),
    verdict: known(['applied', 'kept'], row['verdict'], 'a verdict'),
    incoming: {
      version: { clock: BigInt(row['incoming_clock'] as string), side: row['incoming_side'] as string },
      row: image('incoming_row'),
    },
    existing: { version: version(text('existing_clock'), text('existing_side')), row: image('existing_row') },
  };
}
