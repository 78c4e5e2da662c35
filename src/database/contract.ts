import type { ConflictType, Outcome } from '../change/outcome.ts';
import type { Position } from '../change/event.ts';
import type { Row } from '../change/value.ts';
import type { AwaitedRow, SyncError } from '../errors/sync-error.ts';
import type { CompiledTable, IncomingReference } from '../pipeline/route.ts';
import type { Engine } from '../pipeline/define.ts';

/** Name of the row version: the row clock (microseconds since the epoch) and the side that made it. */
export interface Version {
  clock: bigint;
  side: string;
}

/** Which row: of which entity, seen from the source. */
export interface IdentityKey {
  pipeline: string;
  entity: string;
  sourceSide: string;
  sourceKey: string;
  targetSide: string;
}

/** The ledger's memory of one row (table `entity_mappings`). */
export interface Identity extends IdentityKey {
  /** Null until the row was first written to the target. Kept after a delete. */
  targetKey: string | null;
  /** Position of the newest event applied; null until then, and for reads. */
  position: Position | null;
  /** Up to which commit time the source's changes of the row are known to be applied, milliseconds since the epoch. */
  sourceTime: number | null;
  /** Raised by every change of this identity. */
  counter: bigint;
  /** Version Tandem last wrote to the target row; null where it never did. */
  written: Version | null;
  /** Hash of the mapped columns as Tandem last wrote them. */
  rowHash: string | null;
  tombstone: Version | null;
  /** Row clock on the source of the newest version brought here, deletes included; null where the ledger does not know. */
  sourceClock: bigint | null;
}

/** What one apply leaves in the identity; fields left out stay as they are. */
export interface IdentityChange {
  targetKey?: string | null;
  position?: Position;
  /** Source commit time of the newest event, ISO 8601. */
  sourceTimestamp?: string;
  written?: Version;
  /** Null once the row was deleted. */
  rowHash?: string | null;
  tombstone?: Version | null;
  sourceClock?: bigint;
}

/** The entity whose rows are claimed. */
export interface ClaimScope {
  pipeline: string;
  entity: string;
}

/** Which row of the fixed side is which of the other, of an entity with `matchOn` (table `identity_claims`). */
export interface Claim {
  fixedKey: string;
  /** Null while an event of the fixed side's row is settling it: nobody else may take the row. */
  otherKey: string | null;
}

/** A claim by either of its keys. */
export type ClaimKey = { fixedKey: string } | { otherKey: string };

export interface ProcessedEvent {
  eventId: string;
  pipeline: string;
  entity: string;
  outcome: Outcome;
  targetKey: string | null;
}

/** An event that waits for a change of another row, or of its own (table `waiting_events`). */
export interface WaitingEvent {
  eventId: string;
  /** The event's own row, seen from the source. */
  row: IdentityKey;
  awaits: AwaitedRow;
  /** Version counter of the own row's identity before the event was tried; a newer one may have outrun it. `-1`: none. */
  ownCounter: string;
}

/** A row that refers to another. */
export interface Referrer extends IncomingReference {
  /** Its canonical key. */
  key: string;
}

export interface ConflictRecord {
  eventId: string;
  pipeline: string;
  entity: string;
  targetSide: string;
  targetKey: string | null;
  type: ConflictType;
  verdict: 'applied' | 'kept';
  incoming: { version: Version; row: Row | null };
  existing: { version: Version | null; row: Row | null };
}

/** A conflict as its ledger keeps it. */
export interface StoredConflict extends ConflictRecord {
  /** Number in its ledger. */
  id: string;
  /** By the clock of the database it is recorded in, ISO 8601. */
  recordedAt: string;
}

/** Which conflicts of one ledger; what is left out does not matter. */
export interface ConflictFilter {
  pipeline: string;
  targetSide: string;
  id?: string;
  entity?: string;
  type?: ConflictType;
  /** Recorded then or later, ISO 8601 UTC. */
  since?: string;
  /** The newest so many. */
  limit: number;
}

/** A target row as it stands: the declared columns in canonical form. */
export interface StoredRow {
  values: Row;
  /** Null where the table keeps no clock, or the row predates it. */
  clock: bigint | null;
}

/** Values to write beside the mapped columns. */
export interface RowMarks {
  clock: bigint | null;
}

export interface ColumnDescription {
  name: string;
  /** The engine's own type name, lower case, e.g. `character varying`, `bigint unsigned`. */
  type: string;
  nullable: boolean;
  hasDefault: boolean;
  /** Characters (text) or bytes (binary); null without a limit. */
  maxLength: number | null;
  /** `character`: maxLength counts characters; `byte`: bytes. */
  lengthUnit: 'character' | 'byte' | null;
  precision: number | null;
  scale: number | null;
  unsigned: boolean;
  /** Digits of fractional seconds; null for other types. */
  fraction: number | null;
  /** Labels of an enum or set; null for other types. */
  labels: readonly string[] | null;
}

/** A unique index, primary key included, over plain columns. */
export interface UniqueIndex {
  name: string;
  columns: readonly string[];
  /** SQL condition of the rows it covers; null where it covers all. */
  predicate: string | null;
  /** Any number of rows may hold a null. */
  nullsDistinct: boolean;
}

/** A row that holds, in a unique index, the values another row is to hold. */
export interface Holder {
  /** Canonical key. */
  key: string;
  row: StoredRow;
  index: UniqueIndex;
}

export type TableDescription = ReadonlyMap<string, ColumnDescription>;

/** Rows of a table by their place in the order of its key. */
export interface KeyRange {
  /** Canonical key before the first; null: from the beginning. */
  after: string | null;
  /** Canonical key of the last; null: to the end. */
  until: string | null;
  /** SQL condition on the table's own columns, of somebody who may run any; null: all rows. */
  where: string | null;
  /** The first so many; null: all. */
  limit: number | null;
}

/** Where a table was read to, by the time of its rows' last change. */
export interface ChangedAfter {
  /** Canonical. */
  at: string;
  /** Canonical key of the last row of that time; null: before all of them. */
  key: string | null;
}

/** Reads outside a transaction: look-aheads, other side's ledger, re-reads. */
export interface Reader {
  findIdentity(key: IdentityKey): Promise<Identity | null>;
  /** The identity whose target is this row of this database; the way back of `findIdentity`. */
  findIdentityByTarget(of: {
    pipeline: string;
    entity: string;
    sourceSide: string;
    targetSide: string;
    targetKey: string;
  }): Promise<Identity | null>;
  findProcessed(eventId: string): Promise<ProcessedEvent | null>;
  findClaim(of: ClaimScope, key: ClaimKey): Promise<Claim | null>;
  /** Clock of the newest delete by this side's own app; null where there is none. */
  findLocalTombstone(of: {
    pipeline: string;
    entity: string;
    side: string;
    key: string;
  }): Promise<bigint | null>;
  /** The row by canonical key; null where it does not exist. */
  findRow(table: CompiledTable, key: string): Promise<StoredRow | null>;
  /**
   * Rows other than `except` that hold the given values of a unique index, by the database's own comparison. An index
   * over expressions, undeclared columns or columns not among `values` is not looked at; a null is held by nobody.
   */
  findHolders(table: CompiledTable, values: Row, except: string | null): Promise<readonly Holder[]>;
}

/** One READ COMMITTED transaction under Tandem's origin mark. Every method throws `SyncError` with a class. */
export interface Transaction extends Reader {
  /**
   * Takes the identity row under an exclusive lock until the transaction ends, making it first where it is new
   * (with `targetKey`). Two events of one row queue up here. `saves`: the transaction saves it if it writes anything, so
   * one that is new may be made then only; `saveIdentity` throws `contention` where another transaction was first.
   */
  lockIdentity(key: IdentityKey, targetKeyIfNew: string | null, how?: { saves: boolean }): Promise<Identity>;
  saveIdentity(key: IdentityKey, change: IdentityChange): Promise<void>;
  /** `findClaim`, under an exclusive lock until the transaction ends. */
  lockClaim(of: ClaimScope, key: ClaimKey): Promise<Claim | null>;
  /** Throws `contention` where either key is claimed meanwhile. */
  insertClaim(of: ClaimScope, claim: Claim): Promise<void>;
  /** Puts `claim` in the place of a locked one. Throws `contention` where either key is claimed meanwhile. */
  updateClaim(of: ClaimScope, fixedKey: string, claim: Claim): Promise<void>;
  recordProcessed(event: ProcessedEvent): Promise<void>;
  recordConflict(conflict: ConflictRecord): Promise<void>;
  /** The row under an exclusive lock; null where it does not exist. */
  lockRow(table: CompiledTable, key: string): Promise<StoredRow | null>;
  /** Inserts and returns the canonical key (generated where `key` is null). */
  insertRow(table: CompiledTable, key: string | null, values: Row, marks: RowMarks): Promise<string>;
  /** Writes only the given columns of the row with this key. */
  updateRow(table: CompiledTable, key: string, values: Row, marks: RowMarks): Promise<void>;
  deleteRow(table: CompiledTable, key: string): Promise<void>;
  /** A row of the first table of these that still refers to the row; null where none does. */
  findReferrer(references: readonly IncomingReference[], key: string): Promise<Referrer | null>;
  /** Harmless where the event is not there. */
  leaveWaitingRoom(eventId: string): Promise<void>;
}

/** What an engine, as connected, can do. */
export interface Capabilities {
  /** Writes carry an origin mark that Debezium reports. */
  originMarks: boolean;
}

/** One side's database. Methods throw `SyncError`; messages hold no row values. */
export interface Database extends Reader {
  readonly engine: Engine;
  readonly side: string;
  /** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** The live columns of a table, from a cache of at most a minute; throws `schema` where the table does not exist. */
  describe(table: CompiledTable): Promise<TableDescription>;
  /** Canonical keys, in the database's own order of them. */
  listKeys(table: CompiledTable, range: KeyRange): Promise<readonly string[]>;
  /**
   * Rows by the time of their last change, which `column` holds, and their key: the first so many after a place. What commits
   * late with an earlier time is not among those after a later one.
   */
  listChanged(
    table: CompiledTable,
    column: string,
    after: ChangedAfter,
    limit: number,
  ): Promise<readonly { key: string; at: string }[]>;
  /** Source keys of identities of this target whose row is there as far as the ledger knows: the first so many after one. */
  listIdentityKeys(
    of: Omit<IdentityKey, 'sourceKey'>,
    after: string | null,
    limit: number,
  ): Promise<readonly string[]>;
  /** Rows under a condition as in `KeyRange`. */
  countRows(table: CompiledTable, where: string | null): Promise<number>;
  /** Notes what an event waits for; an event that is there already waits for this now. */
  enterWaitingRoom(event: WaitingEvent): Promise<void>;
  /** An event of a row that waits here, and for what; null where none does. */
  findWaiting(row: IdentityKey): Promise<WaitingEvent | null>;
  capabilities(): Promise<Capabilities>;
  /** Reduces a driver's error to class, code, column and constraint. */
  classify(error: unknown): SyncError;
  /** Runs `select 1`; throws `unavailable`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
