import sql from 'sql-template-tag';
import { SyncError } from '../errors/sync-error.ts';
import type { CompiledTable } from '../pipeline/route.ts';
import type { Engine } from '../pipeline/define.ts';
import type { SideSql } from '../pipeline/tools.ts';
import type {
  ConflictFilter,
  Identity,
  IdentityKey,
  Reader,
  RowMarks,
  StoredConflict,
  TableDescription,
  Transaction,
  UniqueIndex,
  WaitingEvent,
} from './contract.ts';
import type { LedgerRetention } from './retention-contract.ts';
import type { Row } from '../change/value.ts';
import { findClaim, insertClaims, updateClaim } from './claims.ts';
import { DescriptionCache } from './description-cache.ts';
import type { Dialect } from './dialect.ts';
import { findHolders } from './find-holders.ts';
import { Ledger } from './ledger.ts';
import { countProcessed } from './count-processed.ts';
import type { ProcessedCount } from './count-processed.ts';
import { ledgerRetention } from './ledger-retention.ts';
import { countRows, listChanged, listKeys } from './page-keys.ts';
import { findReferrer, readRow } from './read-row.ts';
import type { BulkDatabase } from './grouped/bulk.ts';
import { bulkReader } from './grouped/bulk-reader.ts';
import { bulkTransaction } from './grouped/bulk-transaction.ts';
import type { BulkWrites } from './grouped/bulk-transaction.ts';
import { runTransaction } from './run-transaction.ts';
import { sideSql } from './side-sql.ts';
import type { PooledSession, Purpose, Session, SessionPool } from './session.ts';
import { traceEvent } from './trace-event.ts';
import type { LedgerTrace } from './trace-event.ts';
import { traceIdentities, traceRow } from './trace-row.ts';
import type { RowEvents, RowQuestion, TracedIdentity, TracedRow } from './trace-row.ts';
import { findWaiting, leaveWaitingRoom, takeOverdue, takeWoken } from './waiting-room.ts';
import type { Overdue } from './waiting-room.ts';
import { deleteRow, updateRow } from './write-row.ts';

/** What an engine brings; everything else about a database is the same for both. */
export interface EngineParts {
  engine: Engine;
  side: string;
  /** Schema or database of the ledger. */
  ledger: string;
  pool: SessionPool;
  dialect: Dialect;
  classify: (error: unknown, purpose?: Purpose) => SyncError;
  /** Empty where the table does not exist. */
  introspect: (session: Session, table: CompiledTable) => Promise<TableDescription>;
  uniqueIndexes: (session: Session, table: CompiledTable) => Promise<readonly UniqueIndex[]>;
  insertRow(
    ledger: Ledger,
    session: Session,
    table: CompiledTable,
    description: TableDescription,
    row: { key: string | null; values: Row; marks: RowMarks },
  ): Promise<string>;
  enterWaitingRoom(ledger: Ledger, session: Session, event: WaitingEvent): Promise<void>;
  bulkWrites: BulkWrites;
  lockIdentity(
    ledger: Ledger,
    session: Session,
    key: IdentityKey,
    targetKeyIfNew: string | null,
  ): Promise<Identity>;
}

/** A database with its ledger, as `openDatabase` gives it. */
export interface LedgerDatabase extends BulkDatabase {
  /** Housekeeping of this side's ledger. */
  readonly retention: LedgerRetention;
  /** For statements of a pipeline's own. */
  readonly sql: SideSql;
  /** Names of the ledger migrations applied; empty where there is no ledger. */
  ledgerMigrations(): Promise<readonly string[]>;
  /**
   * Events of the waiting room whose awaited row has changed, those longest in it first; at most so many that no more
   * than `outstanding` of those taken are still there. One that neither leaves nor enters anew is given again after a
   * minute: whoever took it may have failed to wake it.
   */
  takeWoken(of: { pipeline: string; outstanding: number }): Promise<readonly string[]>;
  /** Those longest in the waiting room of events that have waited for too long; what was taken is as by `takeWoken`. */
  takeOverdue(of: Overdue): Promise<readonly string[]>;
  /** Takes events out of the waiting room that nobody waits for any more. */
  forgetWaiting(eventIds: readonly string[]): Promise<void>;
  traceEvent(eventId: string): Promise<LedgerTrace>;
  /** Events of a pipeline that were brought to an end in the last minute, by the clock of the database. */
  countProcessed(pipeline: string): Promise<readonly ProcessedCount[]>;
  /** Identities of a row by any of its keys, oldest first. */
  traceIdentities(row: TracedRow): Promise<readonly TracedIdentity[]>;
  /** Outcomes, conflicts and waits of a row's events. */
  traceRow(question: RowQuestion): Promise<RowEvents>;
  /** Conflicts recorded in this ledger, newest first. */
  findConflicts(filter: ConflictFilter): Promise<readonly StoredConflict[]>;
}

export function engineDatabase(parts: EngineParts): LedgerDatabase {
  const { engine, side, pool, classify } = parts;
  const ledger = new Ledger(parts.dialect.identifier(parts.ledger));
  const descriptions = new DescriptionCache(existing(parts.introspect));
  const indexes = new DescriptionCache(parts.uniqueIndexes);

  /** Runs `work` on a session of its own; gives it back, or closes it when it is in doubt. */
  async function onceOnSession<T>(work: (session: PooledSession) => Promise<T>): Promise<T> {
    const session = await pool.acquire();
    try {
      return await work(session);
    } finally {
      session.release();
    }
  }

  /** The same, and once more where what refused may be a description from before the table was altered. */
  async function onSession<T>(work: (session: PooledSession) => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await onceOnSession(work);
    } catch (error) {
      const errorClass = error instanceof SyncError ? error.errorClass : null;
      if ((errorClass === 'schema' || errorClass === 'data') && descriptions.forget(began))
        return onceOnSession(work);
      // An index made since then refused the row, and only it can say why.
      if (errorClass === 'constraint') indexes.forget(began);
      throw error;
    }
  }

  function reader(run: <T>(work: (session: Session) => Promise<T>) => Promise<T>): Reader {
    return {
      findIdentity: (key) => run((session) => ledger.findIdentity(session, key)),
      findIdentityByTarget: (of) => run((session) => ledger.findIdentityByTarget(session, of)),
      findProcessed: (eventId) => run((session) => ledger.findProcessed(session, eventId)),
      findClaim: (of, key) => run((session) => findClaim(ledger, session, of, key, { lock: false })),
      findLocalTombstone: (of) => run((session) => ledger.findLocalTombstone(session, of)),
      findRow: (table, key) =>
        run(async (session) =>
          readRow(parts.dialect, session, table, key, {
            lock: false,
            description: await descriptions.describe(session, table),
          }),
        ),
      findHolders: (table, values, except) =>
        run(async (session) => {
          const description = await descriptions.describe(session, table);
          const unique = await indexes.describe(session, table);
          return findHolders(parts.dialect, session, table, { description, unique, values, except });
        }),
    };
  }

  function transactionOn(session: Session): Transaction {
    const described = (table: CompiledTable) => descriptions.describe(session, table);
    return {
      ...reader((work) => work(session)),
      lockIdentity: (key, targetKeyIfNew) => parts.lockIdentity(ledger, session, key, targetKeyIfNew),
      saveIdentity: (key, change) => ledger.saveIdentity(session, key, change),
      lockClaim: (of, key) => findClaim(ledger, session, of, key, { lock: true }),
      insertClaim: (of, claim) => insertClaims(ledger, session, of, [claim]),
      updateClaim: (of, fixedKey, claim) => updateClaim(ledger, session, of, fixedKey, claim),
      recordProcessed: (event) => ledger.recordProcessed(session, event),
      recordConflict: (conflict) => ledger.recordConflict(session, conflict),
      lockRow: async (table, key) =>
        readRow(parts.dialect, session, table, key, { lock: true, description: await described(table) }),
      insertRow: async (table, key, values, marks) =>
        parts.insertRow(ledger, session, table, await described(table), { key, values, marks }),
      updateRow: async (table, key, values, marks) =>
        updateRow(parts.dialect, session, table, await described(table), { key, values, marks }),
      deleteRow: async (table, key) => deleteRow(parts.dialect, session, table, await described(table), key),
      leaveWaitingRoom: (eventId) => leaveWaitingRoom(ledger, session, [eventId]),
      findReferrer: (references, key) => findReferrer(parts.dialect, session, references, key, described),
    };
  }

  const bulkParts = (session: Session) => ({
    dialect: parts.dialect,
    ledger,
    session,
    describe: (table: CompiledTable) => descriptions.describe(session, table),
  });

  return {
    engine,
    side,
    classify,
    bulk: {
      read: (work) => onSession((session) => work(bulkReader(bulkParts(session)))),
      transaction: (work) =>
        onSession((session) =>
          runTransaction(session, (inner, undoing) =>
            work(
              bulkTransaction(
                { ...bulkParts(inner), writes: parts.bulkWrites, single: transactionOn(inner) },
                undoing,
              ),
            ),
          ),
        ),
    },
    ...reader(onSession),
    transaction: (work) =>
      onSession((session) => runTransaction(session, (inner) => work(transactionOn(inner)))),
    describe: (table) => onSession((session) => descriptions.describe(session, table)),
    capabilities: () => onSession(async ({ marked }) => ({ originMarks: marked })),
    retention: ledgerRetention(ledger, onSession),
    sql: sideSql(onceOnSession),
    ledgerMigrations: () => onSession((session) => ledger.migrations(session)),
    listKeys: (table, range) =>
      onSession(async (session) => {
        const description = await descriptions.describe(session, table);
        return listKeys(parts.dialect, session, table, description, range);
      }),
    listChanged: (table, column, after, limit) =>
      onSession(async (session) => {
        const description = await descriptions.describe(session, table);
        return listChanged(parts.dialect, session, table, description, { column, after, limit });
      }),
    listIdentityKeys: (of, after, limit) =>
      onSession((session) => ledger.listIdentityKeys(session, of, after, limit)),
    countRows: (table, where) => onSession((session) => countRows(parts.dialect, session, table, where)),
    enterWaitingRoom: (event) => onSession((session) => parts.enterWaitingRoom(ledger, session, event)),
    takeWoken: (of) => onSession((session) => takeWoken(ledger, session, of)),
    takeOverdue: (of) => onSession((session) => takeOverdue(ledger, session, of)),
    findWaiting: (row) => onSession((session) => findWaiting(ledger, session, row)),
    forgetWaiting: (eventIds) => onSession((session) => leaveWaitingRoom(ledger, session, eventIds)),
    traceEvent: (eventId) => onSession((session) => traceEvent(ledger, session, eventId)),
    countProcessed: (pipeline) => onSession((session) => countProcessed(ledger, session, pipeline)),
    traceIdentities: (row) => onSession((session) => traceIdentities(ledger, session, row)),
    traceRow: (question) => onSession((session) => traceRow(ledger, session, question)),
    findConflicts: (filter) => onSession((session) => ledger.findConflicts(session, filter)),
    async ping() {
      await onSession((session) => session.query(sql`SELECT 1`));
    },
    close: () => pool.close(),
  };
}

/** Throws `schema` where the table does not exist. */
const existing =
  (introspect: EngineParts['introspect']): EngineParts['introspect'] =>
  async (session, table) => {
    const description = await introspect(session, table);
    if (description.size === 0)
      throw new SyncError('schema', `table ${table.name} does not exist, or the role may not see it`);
    return description;
  };
