import type { RetryPolicy } from '@temporalio/common';
import { errorClasses } from '../errors/error-class.ts';
import type { ErrorClass } from '../errors/error-class.ts';
import type { ErrorPolicy } from '../errors/policy.ts';

/** How Temporal is to try on after a failure. */
export interface Tries {
  /** Before the first of them, milliseconds: an activity's first attempt cannot be delayed by its own policy. */
  delayMs: number;
  retry: RetryPolicy;
  /** Milliseconds that all of them together may take; null: without limit. */
  withinMs: number | null;
}

/** An activity timeout as `nonRetryableErrorTypes` names it; outside `unavailable` it ends the activity, so it uses up no retry. */
const timeouts = ['TemporalTimeout:StartToClose', 'TemporalTimeout:Heartbeat'];

/**
 * The tries left to an event that is in trouble of a class, as a Temporal retry policy that carries on where the class's
 * tries left off; null when none is left. `failures` counts its failed regular tries of that class, `waitedMs` the time
 * spent under it. Every other class ends the activity, so that the workflow can go on under that class's policy.
 */
export function triesLeft(
  errorClass: ErrorClass,
  policy: ErrorPolicy,
  failures: number,
  waitedMs: number,
): Tries | null {
  const left = policy.retries === null ? null : policy.retries + 1 - failures;
  const withinMs = policy.deadlineMs === null ? null : policy.deadlineMs - waitedMs;
  if (policy.retries === 0 || (left !== null && left <= 0) || (withinMs !== null && withinMs <= 0))
    return null;
  const others: string[] = errorClasses.filter((other) => other !== errorClass);
  return {
    delayMs: delayAfter(policy, failures),
    retry: {
      initialInterval: delayAfter(policy, failures + 1),
      backoffCoefficient: 2,
      maximumInterval: policy.maximumDelayMs,
      ...(left !== null && { maximumAttempts: left }),
      nonRetryableErrorTypes: errorClass === 'unavailable' ? others : [...others, ...timeouts],
    },
    withinMs,
  };
}

/** The policy's interval after so many failures; none before the first. */
const delayAfter = ({ initialDelayMs, maximumDelayMs }: ErrorPolicy, failures: number) =>
  failures === 0 ? 0 : Math.min(maximumDelayMs, initialDelayMs * 2 ** (failures - 1));
