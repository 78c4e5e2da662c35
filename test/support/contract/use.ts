import type { Database, IdentityKey, Transaction } from '../../../src/database/contract.ts';
import type { CompiledTable } from '../../../src/pipeline/route.ts';

/** A database with the suite's tables, see `contractTables`. */
export interface ContractSubject {
  database: Database;
  owners: CompiledTable;
  pets: CompiledTable;
  parts: CompiledTable;
  /** Leaves a tombstone as a delete trigger does. */
  leaveLocalTombstone(of: { entity: string; key: string }, clock: bigint): Promise<void>;
  /** Writes a column that is not declared to Tandem. */
  setNote(owner: string, note: string): Promise<void>;
  readNote(owner: string): Promise<string | null>;
  close(): Promise<void>;
}

export const pipeline = 'p';
export const at = '2026-01-08T10:00:00.000000Z';
export const unmarked = { clock: null };

/** The subject under test, and what the cases say often. */
export class ContractUse {
  #subject: ContractSubject | null = null;
  #made = 0;

  start(subject: ContractSubject): void {
    this.#subject = subject;
  }

  get subject(): ContractSubject {
    if (!this.#subject) throw new Error('the subject is not open');
    return this.#subject;
  }

  get database(): Database {
    return this.subject.database;
  }

  unique = (): string => `k${(this.#made += 1)}`;

  key = (sourceKey: string, entity = 'e'): IdentityKey => ({
    pipeline,
    entity,
    sourceSide: 'far',
    sourceKey,
    targetSide: this.database.side,
  });

  addOwner = (tx: Transaction, values: { name?: string; code?: string | null }, own: string | null) =>
    tx.insertRow(this.subject.owners, own, { name: 'n', code: null, ...values }, { clock: 5n });

  insertOwner = (values: { name?: string; code?: string | null } = {}, own: string | null = null) =>
    this.database.transaction((tx) => this.addOwner(tx, values, own));
}
