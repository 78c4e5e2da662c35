import { expect, test } from '@jest/globals';
import { parseRecord } from '../../../src/change/parsers/record.ts';
import { dmsRecord } from '../../../src/demo/dms-record.ts';
import { intake } from '../../../src/ingest/intake.ts';
import {
  bits,
  boolean,
  bytes,
  date,
  decimal,
  double,
  integer,
  json,
  text,
  time,
  timestamp,
  timestamptz,
  uuid,
} from '../../../src/pipeline/columns.ts';
import { transformChange } from '../../../src/pipeline/transform.ts';
import { copied, mainToCopy } from '../../support/main-to-copy.ts';

const columns = {
  id: integer(),
  name: text().nullable(),
  token: bytes(),
  code: uuid(),
  flags: bits(),
  active: boolean(),
  born: date(),
  wakes: time(),
  price: decimal(),
  ratio: double(),
  seen: timestamp(),
  made: timestamptz(),
  extra: json(),
};

const pipeline = mainToCopy({ people: copied(columns) });

const row = {
  id: 7,
  name: 'Ann',
  token: '3q2+7w==',
  code: 'ABEiM0RVZneImaq7zN3u/w==',
  flags: 'BQE=',
  active: 1,
  born: 18_263,
  wakes: 11_045_000_000,
  price: '12.50',
  ratio: 0.25,
  seen: 1_577_934_245_123_456,
  made: '2020-01-02T03:04:05Z',
  extra: '{"b":1,"a":[2.50]}',
  undeclared: 'x',
};

const recordOf = (op: string, before: object | null, after: object | null, headers = {}) => ({
  key: null,
  value: Buffer.from(
    JSON.stringify({
      op,
      before,
      after,
      source: {
        connector: 'mysql',
        db: 'main_db',
        table: 'people',
        snapshot: op === 'r' ? 'true' : 'false',
        ts_us: 1_722_214_697_974_340,
        file: 'binlog.000042',
        pos: 4711,
        row: 2,
      },
    }),
  ),
  headers,
});

type Captured = ReturnType<typeof recordOf>;

const tableOf = (name: string) => pipeline.sides.get('main')!.tables.find((each) => each.name === name);
const dmsOf = (record: Captured) => dmsRecord(parseRecord(record), tableOf);

function eventIn(record: Parameters<typeof intake>[2]) {
  const read = intake(pipeline, 'main', record);
  if (read.kind !== 'captured') throw new Error(`it is ${read.kind}`);
  const [{ event, route }] = read.captured as [(typeof read.captured)[0]];
  const { operation, primary_key, previous_key, timestamp, snapshot } = event;
  return {
    facts: { operation, primary_key, previous_key, timestamp, snapshot },
    mapped: transformChange(route, event),
    order: event.position.order,
  };
}

const asDms = (record: Captured) => eventIn({ key: null, value: Buffer.from(dmsOf(record)!), headers: {} });

test.each<[string, Captured]>([
  ['an insert', recordOf('c', null, row)],
  ['an update', recordOf('u', { ...row, name: 'Anne' }, row)],
  ['a NULL', recordOf('u', row, { ...row, name: null })],
  ['a delete', recordOf('d', row, null)],
  ['a read', recordOf('r', null, row)],
])('%s comes to the same either way', (_, record) => {
  const { order: __, ...own } = eventIn(record);
  const { order, ...other } = asDms(record);
  expect(other).toEqual(own);
  expect(order).toMatch(/^\d{20}(\.\d{20}\.\d{10})?$/);
});

test('a changed key is one update', () => {
  const old = { '__debezium.oldkey': '{"id":6}' };
  expect(dmsOf(recordOf('d', { ...row, id: 6 }, null, { '__debezium.newkey': '{"id":7}' }))).toBeNull();
  const event = asDms(recordOf('c', null, row, old));
  expect(event.facts).toMatchObject({ operation: 'UPDATE', primary_key: '7', previous_key: '6' });
});

test('values are in the forms of AWS DMS', () => {
  const { data, metadata } = JSON.parse(dmsOf(recordOf('c', null, row))!) as {
    data: object;
    metadata: object;
  };
  expect(data).toEqual({
    id: 7,
    name: 'Ann',
    token: '0xdeadbeef',
    code: '00112233-4455-6677-8899-aabbccddeeff',
    flags: '0x0105',
    active: 1,
    born: '2020-01-02',
    wakes: '03:04:05',
    price: 12.5,
    ratio: 0.25,
    seen: '2020-01-02T03:04:05.123456Z',
    made: '2020-01-02T03:04:05Z',
    extra: '{"a":[2.5],"b":1}',
    undeclared: 'x',
  });
  expect(metadata).toMatchObject({
    operation: 'insert',
    'transaction-id': 42 * 2 ** 32 + 4711,
    'transaction-record-id': 3,
    'commit-timestamp': '2024-07-29T00:58:17.974340Z',
  });
});

test('a truncated table, and nothing of what is no change', () => {
  const { kind } = parseRecord({
    key: null,
    value: Buffer.from(dmsOf(recordOf('t', null, null))!),
    headers: {},
  });
  expect(kind).toBe('truncate');
  expect(dmsRecord({ kind: 'tombstone' }, tableOf)).toBeNull();
  expect(dmsRecord({ kind: 'ignored', reason: 'heartbeat' }, tableOf)).toBeNull();
});
