import type { ErrorClass } from './error-class.ts';

/** What happens after an error of a class: one exhaustive table, shared by workflows, dead letters, hints and the CLI. */
export interface ErrorPolicy {
  /** How many retries may follow the first try; null: without limit; 0: none. */
  retries: number | null;
  /** Delay before the first retry, milliseconds; doubles with each. */
  initialDelayMs: number;
  maximumDelayMs: number;
  /** How long the class may last before it dead-letters, milliseconds; null: without limit. */
  deadlineMs: number | null;
  /** What the operator should look at first, and the section of the runbook that says more. */
  hint: string;
}

export interface RetryLimits {
  /** `SYNC_MAX_RETRY_ATTEMPTS`: retries of `constraint` and `bug`. */
  maxRetries: number;
  /** How long an event waits for another row, milliseconds. */
  waitingDeadlineMs: number;
}

export const defaultRetryLimits: RetryLimits = { maxRetries: 3, waitingDeadlineMs: 600_000 };

export function policyFor(errorClass: ErrorClass, limits: RetryLimits = defaultRetryLimits): ErrorPolicy {
  switch (errorClass) {
    case 'unavailable':
      return {
        retries: null,
        initialDelayMs: 500,
        maximumDelayMs: 10_000,
        deadlineMs: null,
        hint: 'A server cannot be reached or refuses to write. Nothing is lost: it goes on by itself once the server is back. Run `tandem doctor`. Runbook: docs/runbook.md#unavailable',
      };
    case 'schema':
      return {
        retries: null,
        initialDelayMs: 1000,
        maximumDelayMs: 15_000,
        deadlineMs: null,
        hint: 'A table or column of the column map is missing. Add it or correct the pipeline; the event applies by itself. Run `tandem doctor`. Runbook: docs/runbook.md#schema',
      };
    case 'contention':
      return {
        retries: null,
        initialDelayMs: 50,
        maximumDelayMs: 2000,
        deadlineMs: null,
        hint: 'Transactions met on one row. It settles by itself; if it lasts, look for a long transaction on the target. Runbook: docs/runbook.md#contention',
      };
    case 'waiting_for_row':
      return {
        retries: null,
        initialDelayMs: 250,
        maximumDelayMs: 2000,
        deadlineMs: limits.waitingDeadlineMs,
        hint: 'Another row has to come, or go, first. If it never does, look for its own dead letter, resolve that, then retry this one. Runbook: docs/runbook.md#waiting_for_row',
      };
    case 'constraint':
      return {
        retries: limits.maxRetries,
        initialDelayMs: 1000,
        maximumDelayMs: 30_000,
        deadlineMs: null,
        hint: 'A constraint of the target table refuses the row. Correct the row on either side, then retry; or discard the event. Runbook: docs/runbook.md#constraint',
      };
    case 'data':
      return {
        retries: 0,
        initialDelayMs: 1000,
        maximumDelayMs: 1000,
        deadlineMs: null,
        hint: 'A value does not fit the other side. Correct it in the event with `tandem dlq edit`, or at the source (that sends a new event); or widen the column and retry. Runbook: docs/runbook.md#data',
      };
    case 'bug':
      return {
        retries: limits.maxRetries,
        initialDelayMs: 1000,
        maximumDelayMs: 30_000,
        deadlineMs: null,
        hint: 'An error nobody foresaw. Read the stack, report it, deploy the correction, then retry. Runbook: docs/runbook.md#bug',
      };
  }
}
