import { describe, expect, test } from '@jest/globals';
import { defaultRetryLimits } from '../../../src/errors/policy.ts';
import type { SyncInput } from '../../../src/temporal/messages.ts';
import { deadLetterStartOptions } from '../../../src/temporal/start-dead-letter.ts';
import { syncStartOptions } from '../../../src/temporal/start-sync.ts';
import { TwoSides } from '../../support/two-sides.ts';

const event = {
  ...new TwoSides().insert('left', 'parents', { name: 'secret-name' }),
  primary_key: 'secret-key',
};
const input: SyncInput = {
  pipeline: 'pair',
  subject: { kind: 'event', event },
  limits: defaultRetryLimits,
  retried: false,
};
const failure = {
  errorClass: 'data',
  message: 'does not fit',
  stack: '',
  signature: 'data/parents/-/name',
  retryCount: 0,
  failedAt: '2026-01-01T00:00:00.000Z',
} as const;

describe('syncStartOptions', () => {
  test('starts under the event id, once', () => {
    expect(syncStartOptions(input, 'right')).toMatchObject({
      workflowId: event.event_id,
      taskQueue: 'tandem/pair',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: 'CREATE parents left → right',
    });
  });

  test('sets no timeout that could end an event silently', () => {
    expect(Object.keys(syncStartOptions(input, 'right')).filter((name) => /timeout/i.test(name))).toEqual([]);
  });
});

test.each([
  ['syncChange', syncStartOptions(input, 'right')],
  [
    'deadLetter',
    deadLetterStartOptions({ pipeline: 'pair', subject: input.subject, failure, limits: input.limits }),
  ],
])('%s shows no row value outside payload fields', (_type, options) => {
  const { workflowId, taskQueue, typedSearchAttributes, staticSummary } = options;
  const plain = JSON.stringify([workflowId, taskQueue, typedSearchAttributes.getAll(), staticSummary]);
  expect(plain).not.toContain('secret');
});
