import type { ErrorClass } from '../errors/error-class.ts';
import type { AwaitedRow, RowName } from '../errors/sync-error.ts';

/** One failed try, as the workflow sees it. */
export interface TryFailure {
  errorClass: ErrorClass;
  message: string;
  stack: string;
  signature: string;
  /** The column that failed, of source or target, where one is to blame. */
  column?: string;
  /** The rows that clash, where two do. */
  rows?: readonly RowName[];
  /** The row it waits for; its key stays in payload fields. */
  awaits?: AwaitedRow;
}

/** What is told of a failure outside payload fields: no row value in it. */
export interface Failure {
  errorClass: ErrorClass;
  message: string;
  stack: string;
  /** Equal for failures of one cause: class, code, entity, column or constraint. */
  signature: string;
  /** Retries made before giving up. */
  retryCount: number;
  /** ISO 8601. */
  failedAt: string;
  /** The column that failed, of source or target, where one is to blame. */
  column?: string;
  /** The rows that cannot both be, where two clash; their keys stay in payload fields. */
  rows?: readonly RowName[];
  /** The row was applied: what failed are its effects, so the ledger's outcome is not the end of it. */
  applied?: true;
}

/** Details every activity failure carries (`ApplicationFailure.details[0]`). */
export interface FailureDetail {
  /** The activity that failed, or the one of several it runs. */
  verb: string;
  attempt: number;
  signature: string;
  code: string | null;
  column: string | null;
  constraint: string | null;
  rows?: readonly RowName[];
  awaits?: AwaitedRow;
}
