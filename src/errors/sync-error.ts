import type { ErrorClass } from './error-class.ts';

/** Which row. A key is told in payload fields only, never in a message. */
export interface RowName {
  entity: string;
  side: string;
  /** Canonical key. */
  key: string;
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

  constructor(errorClass: ErrorClass, message: string, parts: SyncErrorParts = {}) {
    super(message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.errorClass = errorClass;
    this.code = parts.code;
    this.column = parts.column;
    this.constraint = parts.constraint;
    this.rows = parts.rows;
  }
}
