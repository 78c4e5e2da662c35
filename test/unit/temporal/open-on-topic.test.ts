import { expect, test } from '@jest/globals';
import { recordMessage, resolutionMessage } from '../../../src/temporal/dead-letter-record.ts';
import type { DeadLetterMessage } from '../../../src/temporal/dead-letter-record.ts';
import { OpenOnTopic } from '../../../src/temporal/open-on-topic.ts';

const at = (minute: number) => `2026-01-08T10:0${minute}:00.000Z`;

const died = (eventId: string, minute: number) =>
  recordMessage({
    pipeline: 'pair',
    subject: { kind: 'hint', eventId, entity: 'parents', side: 'left', key: '1', timestamp: at(0) },
    failure: {
      errorClass: 'data',
      message: `at minute ${minute}`,
      stack: '',
      signature: 'data/parents/-/-',
      retryCount: 0,
      failedAt: at(minute),
    },
    limits: { maxRetries: 3, waitingDeadlineMs: 1000 },
  });

const closed = (eventId: string, minute: number) =>
  resolutionMessage('pair', {
    eventId,
    entity: 'parents',
    how: 'applied',
    outcome: 'applied',
    reason: null,
    by: null,
    at: at(9),
    failedAt: at(minute),
  });

function read(...messages: DeadLetterMessage[]) {
  const topic = new OpenOnTopic();
  for (const { value, headers } of messages) topic.add({ value: Buffer.from(value), headers });
  const unresolved = topic.unresolved.map(({ openedAt, failure }) => [openedAt, failure.failedAt]);
  return { unresolved, resolved: topic.resolved };
}

test('an event that died several times is one dead letter: opened at the first, failed at the last', () => {
  const both = { unresolved: [[at(1), at(2)]], resolved: 0 };
  expect(read(died('a', 1), died('a', 2))).toEqual(both);
  expect(read(died('a', 2), died('a', 1))).toEqual(both);
});

test('a resolution closes what failed until then, in whatever order they come and however often', () => {
  const over = { unresolved: [], resolved: 1 };
  expect(read(died('a', 1), died('a', 2), closed('a', 2), closed('a', 2))).toEqual(over);
  expect(read(closed('a', 2), died('a', 2))).toEqual(over);
});

test('an event that died again after it was closed is open since then', () => {
  expect(read(died('a', 1), closed('a', 1), died('a', 3), died('b', 1), closed('b', 1))).toEqual({
    unresolved: [[at(3), at(3)]],
    resolved: 1,
  });
});
