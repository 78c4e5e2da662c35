import type { Row } from '../../change/value.ts';
import type { CompiledTable } from '../../pipeline/route.ts';
import type {
  Claim,
  ClaimKey,
  ClaimScope,
  ConflictRecord,
  Database,
  Identity,
  IdentityChange,
  IdentityKey,
  ProcessedEvent,
  Reader,
  RowMarks,
  StoredRow,
  Transaction,
} from '../contract.ts';
import type { Undoing } from '../run-transaction.ts';

export type ByTarget = Parameters<Reader['findIdentityByTarget']>[0];
export type TombstoneOf = Parameters<Reader['findLocalTombstone']>[0];

/** The reads of `Reader` for many rows at once: an answer for each question, in their order. */
export interface BulkReader {
  findIdentities(keys: readonly IdentityKey[]): Promise<readonly (Identity | null)[]>;
  findIdentitiesByTarget(of: readonly ByTarget[]): Promise<readonly (Identity | null)[]>;
  /** By keys that are all of one kind. */
  findClaims(of: ClaimScope, keys: readonly ClaimKey[]): Promise<readonly (Claim | null)[]>;
  findProcessed(eventIds: readonly string[]): Promise<readonly (ProcessedEvent | null)[]>;
  findLocalTombstones(of: readonly TombstoneOf[]): Promise<readonly (bigint | null)[]>;
  findRows(table: CompiledTable, keys: readonly string[]): Promise<readonly (StoredRow | null)[]>;
}

/** What one identity is to become. */
export interface IdentitySave {
  /** As it was locked, last saved, or is to be made. */
  locked: Identity;
  change: IdentityChange;
}

export interface RowInsert {
  key: string | null;
  values: Row;
  marks: RowMarks;
}

export interface RowUpdate extends RowInsert {
  key: string;
}

/** The writes of `Transaction` for many rows at once; of each list either everything is done or it throws. */
export interface BulkTransaction extends BulkReader {
  /** The same transaction, row by row. */
  readonly single: Transaction;
  readonly undoing: Undoing;
  /** Of keys that differ. Throws `constraint` where a target row belongs to another source row. */
  lockIdentities(
    calls: readonly { key: IdentityKey; targetKeyIfNew: string | null }[],
  ): Promise<readonly Identity[]>;
  /** Those that are there, under lock; null for one that nobody has made yet. */
  lockKnownIdentities(keys: readonly IdentityKey[]): Promise<readonly (Identity | null)[]>;
  /**
   * Makes identities that are new, as the change leaves them, and returns them. Throws `contention` where one was made
   * meanwhile, `constraint` where a target row belongs to another source row.
   */
  makeIdentities(saves: readonly IdentitySave[]): Promise<readonly Identity[]>;
  /** Returns them as they stand then. */
  saveIdentities(saves: readonly IdentitySave[]): Promise<readonly Identity[]>;
  lockClaims(of: ClaimScope, keys: readonly ClaimKey[]): Promise<readonly (Claim | null)[]>;
  /** Throws `contention` where a key is claimed meanwhile. */
  insertClaims(of: ClaimScope, claims: readonly Claim[]): Promise<void>;
  lockRows(table: CompiledTable, keys: readonly string[]): Promise<readonly (StoredRow | null)[]>;
  /** Returns the canonical keys in order. */
  insertRows(table: CompiledTable, rows: readonly RowInsert[]): Promise<readonly string[]>;
  updateRows(table: CompiledTable, rows: readonly RowUpdate[]): Promise<void>;
  recordProcessed(events: readonly ProcessedEvent[]): Promise<void>;
  recordConflicts(conflicts: readonly ConflictRecord[]): Promise<void>;
}

/** Work of many rows at once. */
export interface Bulk {
  read<T>(work: (reader: BulkReader) => Promise<T>): Promise<T>;
  /** One transaction, as `Database.transaction`. */
  transaction<T>(work: (tx: BulkTransaction) => Promise<T>): Promise<T>;
}

/** A database that takes many rows in one statement. */
export type BulkDatabase = Database & { readonly bulk: Bulk };
