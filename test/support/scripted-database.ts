import type { Transaction } from '../../src/database/contract.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import type { ErrorClass } from '../../src/errors/error-class.ts';
import { MemoryDatabase } from './memory-database.ts';

/** What a transaction is to fail with; null lets it be. Gets the number of the try, the first is 1, and its time. */
export type Fault = (attempt: number, atMs: number) => ErrorClass | null | Promise<ErrorClass | null>;

/** A database whose transactions fail as told, before they do anything; it keeps the time of each. */
export class ScriptedDatabase extends MemoryDatabase {
  fault: Fault = () => null;
  /** Times of the transactions since the last `follow`, milliseconds. */
  tries: number[] = [];
  #now: () => Promise<number>;

  constructor(side: string, now: () => Promise<number>) {
    super(side, 1000);
    this.#now = now;
  }

  follow(fault: Fault): void {
    this.fault = fault;
    this.tries = [];
  }

  override async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const at = await this.#now();
    const attempt = this.tries.push(at);
    const errorClass = await this.fault(attempt, at);
    if (errorClass) throw new SyncError(errorClass, `scripted ${errorClass}`, { code: 'X1' });
    return super.transaction(work);
  }
}
