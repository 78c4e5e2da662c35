import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CapturedTable } from '../../../src/change/captured-table.ts';
import { changeEvent } from '../../../src/change/event.ts';
import type { CapturedChange } from '../../../src/change/parsers/captured-change.ts';
import { parseRecord } from '../../../src/change/parsers/record.ts';
import { toChangeEvent } from '../../../src/change/to-change-event.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';

const people: CapturedTable = {
  pipeline: 'p',
  entity: 'people',
  side: 'main',
  engine: 'mysql',
  schema: null,
  name: 'people',
  key: ['id'],
  clock: null,
  sourceColumn: null,
};

interface Given {
  data?: unknown;
  before?: unknown;
  metadata?: Record<string, unknown>;
}

const recordOf = ({ data = { id: 7, name: 'Ann' }, before, metadata = {} }: Given = {}) => ({
  data,
  ...(before !== undefined && { 'before-image': before }),
  metadata: {
    timestamp: '2024-07-29T00:58:17.983670Z',
    'record-type': 'data',
    operation: 'update',
    'partition-key-type': 'schema-table',
    'schema-name': 'main_db',
    'table-name': 'people',
    'transaction-id': 87978110091475,
    'transaction-record-id': 3,
    'commit-timestamp': '2024-07-29T00:58:17.974340Z',
    'stream-position': 'mysql-bin.000042:1:2',
    ...metadata,
  },
});

const read = (record: unknown) =>
  parseRecord({ key: null, value: Buffer.from(JSON.stringify(record)), headers: {} });

function changeIn(given: Given): CapturedChange {
  const parsed = read(recordOf(given));
  if (parsed.kind !== 'change') throw new Error(`the record is ${parsed.kind}`);
  return parsed.change;
}

const eventIn = (given: Given, table = people) => toChangeEvent(changeIn(given), table, { epoch: 1 })!;

describe('changes', () => {
  test('an update with its whole before image', () => {
    const event = eventIn({ before: { id: 7, name: 'Anne' } });
    expect(changeEvent.parse(event)).toEqual(event);
    expect(event).toMatchObject({
      operation: 'UPDATE',
      primary_key: '7',
      payload: { id: '7', name: 'Ann' },
      before: { name: 'Anne' },
      timestamp: '2024-07-29T00:58:17.974340Z',
      position: { epoch: 1, order: '00001722214697974340.00000087978110091475.0000000003' },
      snapshot: false,
    });
    expect(event).not.toHaveProperty('previous_key');
  });

  test.each([
    ['insert', 'CREATE'],
    ['update', 'UPDATE'],
    ['delete', 'DELETE'],
  ])('%s is %s', (operation, expected) => {
    expect(eventIn({ metadata: { operation } })).toMatchObject({ operation: expected, primary_key: '7' });
  });

  test('a row of the full load is a read, and another load of it another event', () => {
    const load = (timestamp: string) => {
      const { metadata, ...rest } = recordOf();
      const { 'transaction-id': _, 'transaction-record-id': __, 'commit-timestamp': ___, ...left } = metadata;
      const parsed = read({ ...rest, metadata: { ...left, operation: 'load', timestamp } });
      if (parsed.kind !== 'change') throw new Error(`the record is ${parsed.kind}`);
      return toChangeEvent(parsed.change, people, { epoch: 1 })!;
    };
    const event = load('2024-07-29T00:58:17.983670Z');
    expect(event).toMatchObject({ operation: 'CREATE', snapshot: true, before: null });
    expect(load('2024-07-29T00:58:17.983670Z').event_id).toBe(event.event_id);
    expect(load('2024-07-30T00:00:00Z').event_id).not.toBe(event.event_id);
  });

  test('a before image of another key is a change of it', () => {
    expect(eventIn({ before: { id: 6 } })).toMatchObject({
      operation: 'UPDATE',
      primary_key: '7',
      previous_key: '6',
      before: null,
    });
  });

  test('a before image of some columns says nothing of the others', () => {
    expect(eventIn({ before: { id: 7 } }).before).toBeNull();
    expect(eventIn({ before: {} }).before).toBeNull();
    expect(eventIn({}).before).toBeNull();
  });

  test('a before image with a part of the key is refused', () => {
    const pairs = { ...people, key: ['id', 'name'] };
    expect(() => eventIn({ before: { id: 6 } }, pairs)).toThrow(/key column name is missing/);
    expect(eventIn({ before: {} }, pairs)).not.toHaveProperty('previous_key');
  });

  test('64-bit and exact numbers stay what they are', () => {
    const text = JSON.stringify(recordOf()).replace(
      '"id":7',
      '"id":18446744073709551615,"n":12.3400000000000000001',
    );
    const parsed = parseRecord({ key: null, value: Buffer.from(text), headers: {} });
    expect(parsed.kind === 'change' && parsed.change.after).toMatchObject({
      id: '18446744073709551615',
      n: '12.3400000000000000001',
    });
  });

  test('positions sort as text as their parts do as numbers', () => {
    const place = fc.record({
      us: fc.bigInt({ min: 0n, max: 4_000_000_000_000_000n }),
      transaction: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      record: fc.integer({ min: 0, max: 2_147_483_647 }),
    });
    type Place = { us: bigint; transaction: bigint; record: number };
    const order = ({ us, transaction, record }: Place) => {
      const seconds = new Date(Number(us / 1_000_000n) * 1000).toISOString().slice(0, 19);
      const committed = `${seconds}.${String(us % 1_000_000n).padStart(6, '0')}Z`;
      return changeIn({
        metadata: {
          'commit-timestamp': committed,
          'transaction-id': String(transaction),
          'transaction-record-id': String(record),
        },
      }).source.order;
    };
    const compared = (a: Place, b: Place) =>
      Number(a.us - b.us > 0n) - Number(a.us - b.us < 0n) ||
      Number(a.transaction > b.transaction) - Number(a.transaction < b.transaction) ||
      a.record - b.record;
    fc.assert(
      fc.property(place, place, (a, b) => {
        const [one, other] = [order(a), order(b)];
        expect(Math.sign(compared(a, b))).toBe(Number(one > other) - Number(one < other));
      }),
    );
  });
});

describe('control records', () => {
  const control = (operation: string) => ({
    control: {},
    metadata: {
      'record-type': 'control',
      operation,
      'partition-key-type': 'task-id',
      'schema-name': 'main_db',
      'table-name': 'people',
    },
  });

  test('tell of a truncated table, and of nothing else', () => {
    expect(read(control('truncate-table'))).toEqual({
      kind: 'truncate',
      schema: 'main_db',
      table: 'people',
    });
    expect(read(control('add-column'))).toEqual({ kind: 'ignored', reason: 'schema_change' });
  });
});

describe('records that cannot be parsed', () => {
  test.each<[string, Given, RegExp]>([
    [
      'no transaction id',
      { metadata: { 'transaction-id': undefined } },
      /lacks transaction-id.*IncludeTransactionDetails/,
    ],
    [
      'no record id',
      { metadata: { 'transaction-record-id': null } },
      /lacks transaction-record-id.*IncludeTransactionDetails/,
    ],
    [
      'no commit time',
      { metadata: { 'commit-timestamp': undefined } },
      /lacks commit-timestamp.*IncludeTransactionDetails/,
    ],
    ['a commit time that is none', { metadata: { 'commit-timestamp': 'soon' } }, /commit-timestamp is not/],
    [
      'a transaction id that is too long',
      { metadata: { 'transaction-id': '1'.repeat(21) } },
      /at most 20 digits/,
    ],
    ['another operation', { metadata: { operation: 'merge' } }, /operation is unknown/],
    ['another type', { metadata: { 'record-type': 'note' } }, /operation is unknown/],
    ['no data', { data: null }, /field data is missing/],
    ['a before image that is none', { before: 'Ann' }, /before-image is not an object/],
    ['no table', { metadata: { 'table-name': undefined } }, /table-name is missing/],
  ])('%s', (_, given, message) => {
    expect(() => changeIn(given)).toThrow(message);
    expect(() => changeIn(given)).toThrow(SyncError);
  });
});

describe('what carried a record', () => {
  const inner = recordOf({ metadata: { operation: 'insert' } });
  const kinesis = (data: string) => ({
    kinesisSchemaVersion: '1.0',
    partitionKey: 'people',
    sequenceNumber: '4954',
    data,
    approximateArrivalTimestamp: 1607497475.0,
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: 'shardId-000000000006:4954',
  });

  test.each([
    ['a Kinesis record', kinesis(Buffer.from(JSON.stringify(inner)).toString('base64'))],
    ['a notification', { Type: 'Notification', MessageId: 'x', Message: JSON.stringify(inner) }],
  ])('%s', (_, record) => {
    expect(read(record)).toEqual(read(inner));
  });

  test('around something else it is refused', () => {
    expect(() => read(kinesis(Buffer.from('[1]').toString('base64')))).toThrow(/not a JSON object/);
    expect(() => read(kinesis('!!!'))).toThrow(/not valid/);
  });
});

describe('events in the form of DynamoDB Streams', () => {
  const event = (eventName: string, dynamodb: unknown) => ({ eventName, tableName: 'people', dynamodb });

  test.each([
    [
      'MODIFY',
      { Keys: { id: { N: '7' } }, NewImage: { id: { N: '7' }, name: { S: 'Ann' } } },
      { id: '7', name: 'Ann' },
    ],
    ['INSERT', { NewImage: { id: { N: '7' }, ok: { BOOL: true } } }, { id: '7' }],
    ['DELETE', { OldImage: { id: { N: '7' } } }, { id: '7' }],
    ['REMOVE', { Keys: { id: { S: 'x' } } }, { id: 'x' }],
    ['UPDATE', { OldImage: { id: { N: '6' } }, NewImage: { id: { N: '7' } } }, { id: '7' }],
  ])('%s is a hint', (eventName, dynamodb, key) => {
    expect(read(event(eventName, dynamodb))).toEqual({ kind: 'hint', table: 'people', key });
  });

  test('without a key, or of another name, it is refused', () => {
    expect(() => read(event('MODIFY', {}))).toThrow(/neither Keys nor an image/);
    expect(() => read(event('TOUCH', { Keys: { id: { N: '7' } } }))).toThrow(/eventName is unknown/);
    expect(() => read(event('MODIFY', 'x'))).toThrow(/dynamodb is not an object/);
  });
});
