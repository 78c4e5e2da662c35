import sql, { empty, join, raw } from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import { SyncError } from '../errors/sync-error.ts';
import type {
  ConflictFilter,
  ConflictRecord,
  Identity,
  IdentityChange,
  IdentityKey,
  ProcessedEvent,
  Reader,
  StoredConflict,
} from './contract.ts';
import { conflictOf, conflictValues, identityOf, processedOf } from './ledger-row.ts';
import type { LedgerRow } from './ledger-row.ts';
import type { Session } from './session.ts';

/** The ledger's statements that read the same on both engines; `name` is its schema or database, quoted. */
export class Ledger {
  readonly #name: Sql;

  constructor(name: Sql) {
    this.#name = name;
  }

  table(
    name:
      | 'entity_mappings'
      | 'identity_claims'
      | 'processed_events'
      | 'local_tombstones'
      | 'conflicts'
      | 'waiting_events'
      | 'ledger_migrations',
  ) {
    return sql`${this.#name}.${raw(name)}`;
  }

  function(name: 'advance_sequence'): Sql {
    return sql`${this.#name}.${raw(name)}`;
  }

  identityIs({ pipeline, entity, sourceSide, sourceKey, targetSide }: IdentityKey): Sql {
    return sql`pipeline = ${pipeline} AND entity_type = ${entity} AND source_side = ${sourceSide}
      AND source_key = ${sourceKey} AND target_side = ${targetSide}`;
  }

  async findIdentity(session: Session, key: IdentityKey): Promise<Identity | null> {
    return this.#identity(session, this.identityIs(key));
  }

  async findIdentityByTarget(
    session: Session,
    of: Parameters<Reader['findIdentityByTarget']>[0],
  ): Promise<Identity | null> {
    return this.#identity(
      session,
      sql`pipeline = ${of.pipeline} AND entity_type = ${of.entity} AND target_side = ${of.targetSide}
        AND target_key = ${of.targetKey} AND source_side = ${of.sourceSide}`,
    );
  }

  async #identity(session: Session, condition: Sql): Promise<Identity | null> {
    const { rows } = await session.query(
      sql`SELECT * FROM ${this.table('entity_mappings')} WHERE ${condition}`,
    );
    return rows[0] ? identityOf(rows[0] as unknown as LedgerRow) : null;
  }

  /** See `Database.listIdentityKeys`. */
  async listIdentityKeys(
    session: Session,
    { pipeline, entity, sourceSide, targetSide }: Omit<IdentityKey, 'sourceKey'>,
    after: string | null,
    limit: number,
  ): Promise<string[]> {
    const { rows } = await session.query(
      sql`SELECT source_key FROM ${this.table('entity_mappings')}
        WHERE pipeline = ${pipeline} AND entity_type = ${entity} AND source_side = ${sourceSide}
          AND target_side = ${targetSide} AND row_hash IS NOT NULL
          ${after === null ? empty : sql`AND source_key > ${after}`}
        ORDER BY source_key ${raw(`LIMIT ${limit}`)}`,
    );
    return rows.map((row) => String(row['source_key']));
  }

  async findProcessed(session: Session, eventId: string): Promise<ProcessedEvent | null> {
    const { rows } = await session.query(
      sql`SELECT event_id, pipeline, entity_type, outcome, target_key
        FROM ${this.table('processed_events')} WHERE event_id = ${eventId}`,
    );
    return rows[0] ? processedOf(rows[0]) : null;
  }

  async findLocalTombstone(
    session: Session,
    { pipeline, entity, side, key }: Parameters<Reader['findLocalTombstone']>[0],
  ): Promise<bigint | null> {
    const { rows } = await session.query(
      sql`SELECT clock FROM ${this.table('local_tombstones')}
        WHERE pipeline = ${pipeline} AND entity_type = ${entity} AND side = ${side} AND row_key = ${key}`,
    );
    return rows[0] ? BigInt(rows[0]['clock'] as string) : null;
  }

  /** The identity must be locked: an unknown one is a defect. */
  async saveIdentity(session: Session, key: IdentityKey, change: IdentityChange): Promise<void> {
    const { targetKey, position, sourceTimestamp, written, rowHash, tombstone, sourceClock } = change;
    const set = [sql`version = version + 1`, sql`updated_at = CURRENT_TIMESTAMP(6)`];
    if (targetKey !== undefined) set.push(sql`target_key = ${targetKey}`);
    if (position) set.push(sql`epoch = ${position.epoch}, position = ${position.order}`);
    if (sourceTimestamp !== undefined) set.push(sql`source_ts = ${ledgerTime(sourceTimestamp)}`);
    if (written) set.push(sql`clock = ${String(written.clock)}, clock_side = ${written.side}`);
    if (rowHash !== undefined) set.push(sql`row_hash = ${rowHash}`);
    if (tombstone !== undefined)
      set.push(
        sql`tombstone_clock = ${tombstone && String(tombstone.clock)}, tombstone_side = ${tombstone && tombstone.side}`,
      );
    if (sourceClock !== undefined) set.push(sql`source_clock = ${String(sourceClock)}`);
    const { affected } = await session.query(
      sql`UPDATE ${this.table('entity_mappings')} SET ${join(set)} WHERE ${this.identityIs(key)}`,
    );
    if (affected !== 1) throw new SyncError('bug', 'an identity was saved that is not locked');
  }

  /** Throws `contention` when another try of the event committed meanwhile: the retry reads its outcome back. */
  recordProcessed(session: Session, event: ProcessedEvent): Promise<void> {
    return this.first(
      session,
      sql`INSERT INTO ${this.table('processed_events')} (event_id, pipeline, entity_type, outcome, target_key)
        VALUES (${event.eventId}, ${event.pipeline}, ${event.entity}, ${event.outcome}, ${event.targetKey})`,
      'another try of the event was committed first',
    );
  }

  /** Runs a statement that only one of several transactions at once may succeed with: the others throw `contention`. */
  async first(session: Session, statement: Sql, otherwise: string): Promise<void> {
    try {
      await session.query(statement);
    } catch (error) {
      if (error instanceof SyncError && error.errorClass === 'constraint')
        throw new SyncError('contention', otherwise, { code: error.code, cause: error });
      throw error;
    }
  }

  async recordConflict(session: Session, conflict: ConflictRecord): Promise<void> {
    const values = Object.entries(conflictValues(conflict));
    await session.query(
      sql`INSERT INTO ${this.table('conflicts')} (${join(values.map(([column]) => raw(column)))})
        VALUES (${join(values.map(([, value]) => value))})`,
    );
  }

  /** Newest first. */
  async findConflicts(session: Session, filter: ConflictFilter): Promise<StoredConflict[]> {
    const { pipeline, targetSide, id, entity, type, since, limit } = filter;
    const conditions = [sql`pipeline = ${pipeline} AND target_side = ${targetSide}`];
    if (id !== undefined) conditions.push(sql`id = ${id}`);
    if (entity !== undefined) conditions.push(sql`entity_type = ${entity}`);
    if (type !== undefined) conditions.push(sql`type = ${type}`);
    if (since !== undefined) conditions.push(sql`created_at >= ${ledgerTime(since)}`);
    const { rows } = await session.query(
      sql`SELECT * FROM ${this.table('conflicts')} WHERE ${join(conditions, ' AND ')}
        ORDER BY created_at DESC, id DESC LIMIT ${raw(String(limit))}`,
    );
    return rows.map(conflictOf);
  }

  /** Names of the migrations applied; empty where there is no ledger this role can see. */
  async migrations(session: Session): Promise<string[]> {
    try {
      const { rows } = await session.query(
        sql`SELECT name FROM ${this.table('ledger_migrations')} ORDER BY name`,
      );
      return rows.map(({ name }) => name as string);
    } catch (error) {
      if (error instanceof SyncError && (error.errorClass === 'schema' || isRefusal(error))) return [];
      throw error;
    }
  }
}

/** No right to the ledger's schema, database or table: what a ledger that was never migrated looks like. */
const isRefusal = ({ code }: SyncError) => ['42501', '1044', '1049', '1142'].includes(code ?? '');

/** ISO 8601 UTC in the form both engines read as an instant in a UTC session. */
export const ledgerTime = (iso: string): string => iso.replace('T', ' ').replace(/Z$/, '+00:00');
