import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { isErrorClass } from '../errors/error-class.ts';
import { framesOf } from '../errors/frames.ts';
import { syncSteps } from './messages.ts';
import type { FailureDetail, TryFailure } from './failures.ts';
import type { SyncStep } from './messages.ts';

export interface FailedActivity {
  failure: TryFailure;
  /** The step that failed; null where nobody could tell. */
  step: SyncStep | null;
  /** Which attempt of the activity failed; null where nobody could tell. */
  attempt: number | null;
  /** True when the time for all attempts together ran out while one was under way. */
  expired: boolean;
}

/**
 * What an error caught in a workflow says. An activity that timed out is `unavailable`; an error that carries no class
 * is a `bug`, told by its name only, since nobody vouches for its message.
 */
export function readFailure(error: unknown): FailedActivity {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const activity = error instanceof ActivityFailure ? error.activityType : 'workflow';
  if (cause instanceof TimeoutFailure) {
    const beat = cause.lastHeartbeatDetails as Partial<FailureDetail> | undefined;
    return {
      failure: {
        errorClass: 'unavailable',
        message: `${activity} timed out (${cause.timeoutType})`,
        stack: '',
        signature: `unavailable/${activity}/timeout`,
      },
      step: stepOf(activity),
      attempt: beat?.attempt ?? null,
      expired: cause.timeoutType === 'SCHEDULE_TO_CLOSE',
    };
  }
  if (cause instanceof ApplicationFailure && isErrorClass(cause.type)) {
    const detail = cause.details?.[0] as Partial<FailureDetail> | undefined;
    return {
      failure: {
        errorClass: cause.type,
        message: cause.message,
        stack: framesOf(cause),
        signature: detail?.signature ?? `${cause.type}/${activity}`,
        ...(detail?.column && { column: detail.column }),
        ...(detail?.rows && { rows: detail.rows }),
        ...(detail?.awaits && { awaits: detail.awaits }),
      },
      step: stepOf(detail?.verb ?? activity),
      attempt: detail?.attempt ?? null,
      expired: false,
    };
  }
  const name = nameOf(cause);
  return {
    failure: {
      errorClass: 'bug',
      message: `${activity} failed with an unexpected ${name}`,
      stack: framesOf(cause),
      signature: `bug/${activity}/${name}`,
    },
    step: stepOf(activity),
    attempt: null,
    expired: false,
  };
}

const stepOf = (verb: string): SyncStep | null => syncSteps.find((step) => step === verb) ?? null;

const nameOf = (error: unknown) =>
  (error instanceof ApplicationFailure ? error.type : null) ??
  (error instanceof Error ? error.name : typeof error);
