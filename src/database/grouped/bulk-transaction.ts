import sql, { join, raw } from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import type { CompiledTable } from '../../pipeline/route.ts';
import type { Identity, IdentityChange, IdentityKey, TableDescription, Transaction } from '../contract.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { findClaims, insertClaims } from '../claims.ts';
import { ledgerTime } from '../ledger.ts';
import type { Ledger } from '../ledger.ts';
import { conflictValues } from '../ledger-row.ts';
import type { Undoing } from '../run-transaction.ts';
import type { Session } from '../session.ts';
import { notTaken } from '../write-row.ts';
import { alikeUpdates } from './alike.ts';
import type { AlikeUpdates } from './alike.ts';
import type { BulkTransaction, RowInsert } from './bulk.ts';
import { bulkReader, identitiesByKey, rowsByKey } from './bulk-reader.ts';
import type { BulkParts } from './bulk-reader.ts';

/** What the engines write differently. */
export interface BulkWrites {
  lockIdentities(
    ledger: Ledger,
    session: Session,
    calls: readonly { key: IdentityKey; targetKeyIfNew: string | null }[],
  ): Promise<readonly Identity[]>;
  saveIdentities(ledger: Ledger, session: Session, identities: readonly SavedIdentity[]): Promise<void>;
  insertRows(
    ledger: Ledger,
    session: Session,
    table: CompiledTable,
    description: TableDescription,
    rows: readonly RowInsert[],
  ): Promise<readonly string[]>;
  /** Updates that are more than one; null where the engine cannot write those columns, or find those keys, in one statement. */
  updateRows(table: CompiledTable, updates: AlikeUpdates): Sql | null;
}

/** An identity as it is to stand; `sourceTimestamp`: as `IdentityChange` gives it. */
export type SavedIdentity = Identity & Pick<IdentityChange, 'sourceTimestamp'>;

export function bulkTransaction(
  parts: BulkParts & { writes: BulkWrites; single: Transaction },
  undoing: Undoing,
): BulkTransaction {
  const { dialect, ledger, session, describe, writes, single } = parts;
  return {
    ...bulkReader(parts),
    single,
    undoing,
    lockKnownIdentities: (keys) => identitiesByKey({ ledger, session }, keys, { lock: true }),
    async makeIdentities(saves) {
      const identities = saves.map(({ locked, change }) => saved(locked, change));
      await makeIdentities(ledger, session, identities);
      return identities;
    },
    lockIdentities: (calls) => writes.lockIdentities(ledger, session, calls),
    async saveIdentities(saves) {
      const identities = saves.map(({ locked, change }) => saved(locked, change));
      await writes.saveIdentities(ledger, session, identities);
      return identities;
    },
    lockClaims: (of, keys) => findClaims(ledger, session, of, keys, { lock: true }),
    insertClaims: (of, claims) => insertClaims(ledger, session, of, claims),
    lockRows: async (table, keys) =>
      rowsByKey({ dialect, session }, table, keys, { lock: true, description: await describe(table) }),
    insertRows: async (table, rows) => writes.insertRows(ledger, session, table, await describe(table), rows),
    async updateRows(table, rows) {
      for (const updates of alikeUpdates(dialect, table, await describe(table), rows)) {
        const statement = updates.rows.length > 1 ? writes.updateRows(table, updates) : null;
        if (statement === null) {
          for (const { of } of updates.rows) await single.updateRow(table, of.key, of.values, of.marks);
          continue;
        }
        const { affected } = await session.query(statement);
        if (affected !== updates.rows.length) throw notTaken(table, 'update');
      }
    },
    recordProcessed: (events) =>
      ledger.first(
        session,
        sql`INSERT INTO ${ledger.table('processed_events')} (event_id, pipeline, entity_type, outcome, target_key)
          VALUES ${join(
            events.map(
              ({ eventId, pipeline, entity, outcome, targetKey }) =>
                sql`(${eventId}, ${pipeline}, ${entity}, ${outcome}, ${targetKey})`,
            ),
          )}`,
        'another try of an event was committed first',
      ),
    async recordConflicts(conflicts) {
      const rows = conflicts.map((conflict) => Object.entries(conflictValues(conflict)));
      await session.query(
        sql`INSERT INTO ${ledger.table('conflicts')} (${join(rows[0]!.map(([column]) => raw(column)))})
          VALUES ${join(rows.map((row) => sql`(${join(row.map(([, value]) => value))})`))}`,
      );
    },
  };
}

async function makeIdentities(
  ledger: Ledger,
  session: Session,
  identities: readonly SavedIdentity[],
): Promise<void> {
  const rows = identities.map((identity) => {
    const { pipeline, entity, sourceSide, targetSide } = identity;
    return {
      pipeline,
      entity_type: entity,
      source_side: sourceSide,
      target_side: targetSide,
      ...savedRecord(identity),
    };
  });
  const values = rows.map((row) => sql`(${join(Object.values(row))})`);
  try {
    await session.query(
      sql`INSERT INTO ${ledger.table('entity_mappings')} (${raw(Object.keys(rows[0]!).join(', '))}) VALUES ${join(values)}`,
    );
  } catch (error) {
    if (!(error instanceof SyncError) || error.errorClass !== 'constraint') throw error;
    if (error.constraint?.endsWith('entity_mappings_target')) throw error;
    throw new SyncError('contention', 'another transaction made the identity first', {
      code: error.code,
      cause: error,
    });
  }
}

/** Of the identities, all of which are locked. */
export function assertAllSaved(affected: number, identities: readonly SavedIdentity[]): void {
  if (affected !== identities.length) throw new SyncError('bug', 'an identity was saved that is not locked');
}

/** An identity as a row of JSON by its columns; null source time: as it is. */
export const savedRecord = ({
  sourceKey,
  targetKey,
  position,
  sourceTimestamp,
  counter,
  written,
  rowHash,
  tombstone,
  sourceClock,
}: SavedIdentity) => ({
  source_key: sourceKey,
  target_key: targetKey,
  epoch: position?.epoch ?? null,
  position: position?.order ?? null,
  source_ts: sourceTimestamp === undefined ? null : ledgerTime(sourceTimestamp),
  version: String(counter),
  clock: written && String(written.clock),
  clock_side: written && written.side,
  row_hash: rowHash,
  tombstone_clock: tombstone && String(tombstone.clock),
  tombstone_side: tombstone && tombstone.side,
  source_clock: sourceClock === null ? null : String(sourceClock),
});

function saved(locked: Identity, change: IdentityChange): SavedIdentity {
  const { sourceTimestamp, ...rest } = change;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...locked,
    ...given,
    ...(sourceTimestamp !== undefined && { sourceTimestamp, sourceTime: Date.parse(sourceTimestamp) }),
    counter: locked.counter + 1n,
  };
}
