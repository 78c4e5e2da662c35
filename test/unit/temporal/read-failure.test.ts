import { describe, expect, test } from '@jest/globals';
import { ActivityFailure, ApplicationFailure, RetryState, TimeoutFailure } from '@temporalio/common';
import { toFailure } from '../../../src/activities/failure.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { readFailure } from '../../../src/temporal/read-failure.ts';

const failed = (cause: Error) =>
  new ActivityFailure(undefined, 'upsertRow', '1', RetryState.NON_RETRYABLE_FAILURE, undefined, cause);

describe('readFailure', () => {
  test('gives back what the activity told', () => {
    const error = new SyncError('constraint', 'unique users_email', {
      code: '23505',
      constraint: 'users_email',
    });
    const { failure } = toFailure(error, { verb: 'upsertRow', entity: 'users', attempt: 3 });
    expect(readFailure(failed(failure))).toMatchObject({
      attempt: 3,
      expired: false,
      failure: {
        errorClass: 'constraint',
        message: 'unique users_email',
        signature: 'constraint/users/23505/users_email',
      },
    });
  });

  test.each(['START_TO_CLOSE', 'HEARTBEAT'] as const)('takes a timeout (%s) for unavailable', (type) => {
    const read = readFailure(failed(new TimeoutFailure('', { attempt: 2 }, type)));
    expect(read).toMatchObject({ attempt: 2, expired: false, failure: { errorClass: 'unavailable' } });
  });

  test('tells when the time for all tries ran out', () => {
    expect(readFailure(failed(new TimeoutFailure('', undefined, 'SCHEDULE_TO_CLOSE')))).toMatchObject({
      attempt: null,
      expired: true,
    });
  });

  test.each([
    [
      'an unknown type',
      ApplicationFailure.create({ type: 'NotFoundError', message: 'secret' }),
      'NotFoundError',
    ],
    ['a plain error', new RangeError('secret'), 'RangeError'],
  ])('takes %s for a bug and does not repeat its words', (_of, cause, name) => {
    const { failure } = readFailure(failed(cause));
    expect(failure).toMatchObject({ errorClass: 'bug', signature: `bug/upsertRow/${name}` });
    expect(JSON.stringify(failure)).not.toContain('secret');
  });
});
