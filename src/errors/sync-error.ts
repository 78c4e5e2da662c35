import type { ErrorClass } from './error-class.ts';

/** Which row. A key is told in payload fields only, never in a message. */
export interface RowName {
  entity: string;
  side: string;
  /** Canonical key. */
  key: string;
}

/** A row whose identity has to change before an event can be applied. `key` is the row's on `side`, source or target. */
export interface AwaitedRow extends RowName {
  /** Version counter of the identity when it was looked at, before it was judged; `-1`: there was none. */
  counter: string;
}

export interface SyncErrorParts {
  /** Driver code or SQLSTATE, where there is one. */
  code?: string | undefined;
  /** Name of the column that failed. */
  column?: string | undefined;
  /** Name of the constraint that refused. */
  constraint?: string | undefined;
  /** The rows that cannot both be, where two clash. */
  rows?: readonly RowName[] | undefined;
  /** The row that is waited for, where the ledger will tell of its change. */
  awaits?: AwaitedRow | undefined;
  cause?: unknown;
}

/** An error whose class is known. The message carries no row value: it reaches logs, Temporal and the Web UI in plain. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly errorClass: ErrorClass;
  readonly code: string | undefined;
  readonly column: string | undefined;
  readonly constraint: string | undefined;
  readonly rows: readonly RowName[] | undefined;
  readonly awaits: AwaitedRow | undefined;

  constructor(errorClass: ErrorClass, message: string, parts: SyncErrorParts = {}) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.errorClass = errorClass;
    this.code = parts.code;
    this.column = parts.column;
    this.constraint = parts.constraint;
    this.rows = parts.rows;
    this.awaits = parts.awaits;
  }
}
