import { expect, test } from '@jest/globals';
import { errorClasses } from '../../../src/errors/error-class.ts';
import { policyFor } from '../../../src/errors/policy.ts';
import { deadLetterDetails } from '../../../src/temporal/dead-letter-details.ts';
import type { DeadLetterStatus, DeadSubject } from '../../../src/temporal/messages.ts';

const subject: DeadSubject = {
  kind: 'record',
  eventId: 'e1',
  side: 'left',
  reference: { topic: 'left.people', partition: 0, offset: '5', expires: null },
  key: null,
  raw: null,
};

test.each(errorClasses)('a dead letter of class %s shows the section of the runbook', (errorClass) => {
  const status: DeadLetterStatus = {
    eventId: 'e1',
    pipeline: 'pair',
    entity: null,
    source: 'left',
    state: 'open',
    failure: {
      errorClass,
      message: 'refused',
      stack: '',
      signature: `${errorClass}/x`,
      retryCount: 0,
      failedAt: '2026-01-08T10:00:00.000Z',
    },
    hint: policyFor(errorClass).hint,
    retries: 0,
    openedAt: '2026-01-08T10:00:00.000Z',
    discardReason: null,
    by: null,
    outcome: null,
  };
  const details = deadLetterDetails(subject, status);
  expect(details).toContain(`docs/runbook.md#${errorClass}`);
  expect(details).toContain('`tandem dlq retry e1`');
});
