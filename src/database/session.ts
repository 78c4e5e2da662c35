import type { Sql } from 'sql-template-tag';
import type { SyncError } from '../errors/sync-error.ts';

/** What one statement came to, the same from both drivers. */
export interface StatementResult {
  rows: readonly Record<string, unknown>[];
  /** Rows inserted, deleted, or matched by an update. */
  affected: number;
  /** The auto-increment value the statement made; null where the engine reports none. */
  generatedKey: string | null;
}

/** What a statement is for, where the class of an error depends on it. */
export type Purpose = 'delete' | undefined;

/** A statement with its values; `text` with places as PostgreSQL writes them (`$1`), `sql` as MySQL does (`?`). */
export type Statement = Pick<Sql, 'sql' | 'text' | 'values'>;

/** One connection of a pool. Every method throws `SyncError`. */
export interface Session {
  query(statement: Statement, purpose?: Purpose): Promise<StatementResult>;
}

/** A session taken from its pool; UTC, READ COMMITTED and strict from its first use on. */
export interface PooledSession extends Session {
  /** True when what this connection writes carries an origin mark. */
  readonly marked: boolean;
  /** Sends a statement without parameters: `START TRANSACTION`, `COMMIT`, `ROLLBACK`. */
  command(text: string, purpose?: Purpose): Promise<void>;
  /** True once the server's state of the connection is not known; set by any failure that leaves it so. */
  inDoubt: boolean;
  /** Gives the connection back; one in doubt is closed instead. */
  release(): void;
}

/** After these the connection may be gone, half-way through an answer, or of no use to anybody. */
export const leavesDoubt = ({ errorClass }: SyncError): boolean =>
  errorClass === 'unavailable' || errorClass === 'bug';

export interface SessionPool {
  /** Throws `unavailable` when no connection can be had within the connect timeout. */
  acquire(): Promise<PooledSession>;
  /** Waits for the sessions in use, then closes all. */
  close(): Promise<void>;
}

/** Limits of every session, milliseconds. The driver's is below any activity's `startToCloseTimeout`. */
export const timeouts = {
  connect: 5000,
  /** Waiting for a row or table lock; then `contention`. */
  lock: 5000,
  /** The server gives a statement up; then `unavailable`. */
  statement: 20_000,
  /** The driver gives an answer up and the connection with it; then `unavailable`. */
  answer: 22_000,
  idle: 60_000,
} as const;
