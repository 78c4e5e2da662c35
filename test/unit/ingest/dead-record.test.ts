import { expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { defaultRetryLimits } from '../../../src/errors/policy.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import type { FeedRecord } from '../../../src/ingest/change-feed.ts';
import { deadRecord, heldRecord } from '../../../src/ingest/dead-record.ts';
import { fitsTemporal } from '../../../src/temporal/payload-codec.ts';

const record = (own: Partial<FeedRecord> = {}): FeedRecord => ({
  topic: 'left.public.people',
  partition: 2,
  offset: '41',
  key: Buffer.from('{"id":1}'),
  value: Buffer.from([0, 255, 1]),
  headers: { 'tandem.epoch': '3' },
  timestamp: 0,
  followers: 0,
  ...own,
});
const context = {
  pipeline: 'pair',
  side: 'left',
  limits: defaultRetryLimits,
  expires: null,
  heldValueBytes: 256 * 1024,
};

function bury(own: Partial<FeedRecord>, error: unknown = new SyncError('data', 'no JSON')) {
  const dead = deadRecord(record(own), error, context);
  if (dead.subject.kind !== 'record') throw new Error('a record was buried');
  return { ...dead, subject: dead.subject };
}

test('what is buried can be dug out as it was', () => {
  const { key, value, headers, offset } = record();
  expect(heldRecord(bury({}).subject)).toEqual({ key, value, headers, offset });
});

test('of a large record only the place is kept', () => {
  const { subject } = bury({ value: Buffer.alloc(1_000_000) });
  expect(subject.raw).toBeNull();
  expect(heldRecord(subject)).toBeNull();
  expect(subject.reference).toEqual({
    topic: 'left.public.people',
    partition: 2,
    offset: '41',
    expires: null,
  });
});

test('a record that can be read nowhere again is held whole, and fits Temporal', async () => {
  const value = randomBytes(786_432).toString('base64');
  const dead = deadRecord(record({ value: Buffer.from(value) }), new SyncError('data', 'no JSON'), {
    ...context,
    heldValueBytes: Infinity,
  });
  if (dead.subject.kind !== 'record') throw new Error('a record was buried');
  expect(String(heldRecord(dead.subject)?.value)).toBe(value);
  expect(await fitsTemporal(dead)).toBe(true);
});

test('one place gives one dead letter, another place another', () => {
  const ids = [bury({}), bury({}), bury({ offset: '42' })].map(({ subject }) => subject.eventId);
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
});

test('an error nobody vouches for is told by its name, without message and stack head', () => {
  const { failure } = bury({}, new TypeError('cannot read "secret"'));
  expect(failure).toMatchObject({ errorClass: 'bug', signature: 'bug/ingest/TypeError' });
  expect(JSON.stringify(failure)).not.toContain('secret');
});
