import { describe, expect, test } from '@jest/globals';
import { errorClasses } from '../../../src/errors/error-class.ts';
import { policyFor } from '../../../src/errors/policy.ts';
import { triesLeft } from '../../../src/temporal/retry-tries.ts';

const limits = { maxRetries: 3, waitingDeadlineMs: 600_000 };
const left = (errorClass: Parameters<typeof policyFor>[0], failures = 0, waitedMs = 0) =>
  triesLeft(errorClass, policyFor(errorClass, limits), failures, waitedMs);

describe('triesLeft', () => {
  test('gives constraint four tries that begin at once', () => {
    expect(left('constraint')).toMatchObject({
      delayMs: 0,
      retry: { initialInterval: 1000, maximumInterval: 30_000, maximumAttempts: 4, backoffCoefficient: 2 },
      withinMs: null,
    });
  });

  test('carries on where the class left off', () => {
    expect(left('constraint', 2)).toMatchObject({
      delayMs: 2000,
      retry: { initialInterval: 4000, maximumAttempts: 2 },
    });
  });

  test('never waits longer than the cap', () => {
    expect(left('unavailable', 100)).toMatchObject({ delayMs: 10_000, retry: { initialInterval: 10_000 } });
  });

  test('ends with the retries, at the deadline, and at once for data', () => {
    expect(left('constraint', 4)).toBeNull();
    expect(left('waiting_for_row', 1, 600_000)).toBeNull();
    expect(left('data')).toBeNull();
  });

  test('leaves waiting what is left of its deadline', () => {
    expect(left('waiting_for_row', 1, 200_000)).toMatchObject({ withinMs: 400_000 });
    expect(left('waiting_for_row')!.retry).not.toHaveProperty('maximumAttempts');
  });

  test.each(errorClasses.filter((c) => c !== 'data'))(
    'ends an activity under %s at an error of any other class, and at a timeout unless that is its own',
    (errorClass) => {
      const { nonRetryableErrorTypes } = left(errorClass)!.retry;
      const timeouts = ['TemporalTimeout:StartToClose', 'TemporalTimeout:Heartbeat'];
      expect(nonRetryableErrorTypes?.toSorted()).toEqual(
        [
          ...errorClasses.filter((other) => other !== errorClass),
          ...(errorClass === 'unavailable' ? [] : timeouts),
        ].toSorted(),
      );
    },
  );
});
