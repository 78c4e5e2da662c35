import { describe, expect, test } from '@jest/globals';
import { defaultRetryLimits } from '../../../src/errors/policy.ts';
import {
  readDeadLetterMessage,
  recordHeader,
  recordMessage,
  resolutionMessage,
} from '../../../src/temporal/dead-letter-record.ts';
import type { DeadLetterMessage } from '../../../src/temporal/dead-letter-record.ts';
import type { Failure } from '../../../src/temporal/failures.ts';
import type { DeadSubject } from '../../../src/temporal/messages.ts';
import { TwoSides } from '../../support/two-sides.ts';

const event = new TwoSides().insert('left', 'parents', { name: 'secret-name' });
const failure: Failure = {
  errorClass: 'constraint',
  message: 'refused',
  stack: '    at somewhere',
  signature: 'constraint/parents/23505/-',
  retryCount: 3,
  failedAt: '2026-01-08T10:00:00.000Z',
};
const limits = defaultRetryLimits;
const reference = { topic: 'left.parents', partition: 2, offset: '9', expires: null };
const row = { eventId: 'e1', entity: 'parents', side: 'left' };

const read = ({ value, headers }: DeadLetterMessage) =>
  readDeadLetterMessage({ value: Buffer.from(value), headers });

describe('a record', () => {
  test.each<[string, DeadSubject, Partial<Failure>]>([
    ['an event', { kind: 'event', event }, {}],
    ['a corrected event', { kind: 'event', event, edited: true }, {}],
    ['an event whose effects failed', { kind: 'event', event }, { applied: true }],
    ['a clash of rows', { kind: 'event', event }, { rows: [{ entity: 'parents', side: 'left', key: '1' }] }],
    ['an event too large', { kind: 'reference', ...row, reference }, {}],
    ['a hint', { kind: 'hint', ...row, key: '7', timestamp: '2026-01-08T10:00:00.000Z' }, {}],
    [
      'an unparsable record',
      {
        kind: 'record',
        eventId: 'e1',
        side: 'left',
        reference,
        key: null,
        raw: 'e30=',
        headers: { epoch: '1' },
      },
      {},
    ],
  ])('holds what its dead letter was raised with: %s', (_name, subject, of) => {
    const raised = { pipeline: 'pair', subject, failure: { ...failure, ...of }, limits };
    expect(read(recordMessage(raised))).toEqual({ kind: 'record', record: raised });
  });

  test('holds a conflict with both versions, a deleted and a large one', () => {
    const subject: DeadSubject = {
      kind: 'conflict',
      eventId: 'c1',
      entity: 'parents',
      versions: [
        { side: 'left', key: '1', clock: '10', row: null },
        { side: 'right', key: '1', clock: '20' },
      ],
    };
    const raised = { pipeline: 'pair', subject, failure };
    expect(read(recordMessage(raised))).toEqual({ kind: 'record', record: raised });
  });

  test('has the shape of the seeds', () => {
    const { key, value } = recordMessage({
      pipeline: 'pair',
      subject: { kind: 'event', event },
      failure,
      limits,
    });
    expect(key).toBe(event.event_id);
    expect(JSON.parse(value)).toEqual({
      original_event: event,
      error_message: 'refused',
      stack_trace: '    at somewhere',
      retry_count: 3,
      failed_at: failure.failedAt,
    });
  });
});

test('a resolution is told by its field', () => {
  const message = resolutionMessage('pair', {
    eventId: event.event_id,
    entity: 'parents',
    how: 'edited',
    outcome: 'applied',
    reason: null,
    by: 'ada',
    at: '2026-01-08T11:00:00.000Z',
    failedAt: failure.failedAt,
  });
  expect(message.key).toBe(event.event_id);
  expect(JSON.parse(message.value)).toMatchObject({ resolution: 'edited', resolved_by: 'ada' });
  expect(read(message)).toEqual({
    kind: 'resolution',
    eventId: event.event_id,
    failedAt: failure.failedAt,
  });
});

describe('a damaged message says what is wrong, and no value of it', () => {
  const good = recordMessage({ pipeline: 'pair', subject: { kind: 'event', event }, failure, limits });
  const value = JSON.parse(good.value) as { original_event: object };
  test.each<[string, string | null, Record<string, string>, RegExp]>([
    ['no JSON', '{"secret', good.headers, /value is not JSON/],
    ['nothing', null, good.headers, /value is not JSON/],
    ['something else', '"secret"', good.headers, /value does not fit/],
    ['no header', good.value, {}, /no header tandem-dead-letter: an earlier version/],
    ['a broken header', good.value, { [recordHeader]: '{secret' }, /header tandem-dead-letter is not JSON/],
    [
      'an event with a field missing',
      JSON.stringify({ ...value, original_event: { ...value.original_event, position: 'secret' } }),
      good.headers,
      /original_event does not fit, position/,
    ],
  ])('%s', (_name, text, headers, told) => {
    const reading = () => readDeadLetterMessage({ value: text === null ? null : Buffer.from(text), headers });
    expect(reading).toThrow(told);
    expect(reading).not.toThrow(/secret/);
  });
});
