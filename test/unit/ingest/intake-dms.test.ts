import { describe, expect, test } from '@jest/globals';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { intake } from '../../../src/ingest/intake.ts';
import type { Intake } from '../../../src/ingest/intake.ts';
import {
  bits,
  boolean,
  bytes,
  date,
  decimal,
  integer,
  text,
  timestamp,
  uuid,
} from '../../../src/pipeline/columns.ts';
import { transformChange } from '../../../src/pipeline/transform.ts';
import { copied, mainToCopy } from '../../support/main-to-copy.ts';

const columns = {
  id: integer(),
  name: text().nullable(),
  token: bytes().nullable(),
  code: uuid().nullable(),
  flags: bits().nullable(),
  active: boolean().nullable(),
  born: date().nullable(),
  price: decimal().nullable(),
  seen: timestamp().nullable(),
};

const pipeline = mainToCopy({
  people: copied(columns),
  names: copied({ id: integer(), name: text().nullable() }, 'names'),
});

const row = {
  id: 7,
  name: 'Ann',
  token: '0xdeadbeef',
  code: '0x00112233445566778899aabbccddeeff',
  flags: '0x0105',
  active: 1,
  born: '2020-01-02',
  price: 12.5,
  seen: '2020-01-02T03:04:05.123456Z',
};

const taken = (record: unknown, offset: string | undefined = 'message-1') =>
  intake(pipeline, 'main', {
    key: null,
    value: Buffer.from(JSON.stringify(record)),
    headers: {},
    offset,
  });

const dms = (data: Record<string, unknown>, operation = 'insert') =>
  taken({
    data,
    metadata: {
      timestamp: '2024-07-29T00:58:17Z',
      'record-type': 'data',
      operation,
      'schema-name': 'main_db',
      'table-name': 'people',
      'transaction-id': 1,
      'transaction-record-id': 1,
      'commit-timestamp': '2024-07-29T00:58:17Z',
    },
  });

function mapped(read: Intake) {
  if (read.kind !== 'captured') throw new Error(read.kind);
  const { event, route } = read.captured.find((each) => each.route.entity === 'people')!;
  return transformChange(route, event).row;
}

const without = (column: keyof typeof row) =>
  Object.fromEntries(Object.entries(row).filter(([name]) => name !== column));

const errorOf = (read: Intake) => {
  if (read.kind !== 'dead' || !(read.error instanceof SyncError)) throw new Error(`it is ${read.kind}`);
  return read.error;
};

describe('values of AWS DMS', () => {
  const canonical = {
    name: 'Ann',
    token: '3q2+7w==',
    code: '00112233-4455-6677-8899-aabbccddeeff',
    flags: '100000101',
    active: true,
    born: '2020-01-02',
    price: '12.5',
    seen: '2020-01-02T03:04:05.123456',
  };

  test('are understood', () => {
    expect(mapped(dms(row))).toEqual(canonical);
  });

  test.each([
    ['bytes without prefix', { token: 'DEADBEEF' }, canonical],
    ['no bytes', { token: '0x' }, { ...canonical, token: '' }],
    ['a Boolean', { active: false, flags: true }, { ...canonical, active: false, flags: '1' }],
    ['a UUID in text', { code: canonical.code }, canonical],
    ['a date with the time of midnight', { born: '2020-01-02T00:00:00Z' }, canonical],
    ['a decimal in text', { price: '12.50' }, canonical],
    [
      'NULLs',
      { name: null, token: null, flags: null },
      { ...canonical, name: null, token: null, flags: null },
    ],
  ])('%s', (_, own, expected) => {
    expect(mapped(dms({ ...row, ...own }))).toEqual(expected);
  });

  test('base64 is not taken for what it is not', () => {
    expect(errorOf(dms({ ...row, token: '3q2+7w==' }))).toMatchObject({
      errorClass: 'data',
      column: 'token',
    });
  });
});

describe('a column that a record lacks', () => {
  test.each(['insert', 'update', 'load'])('is never taken for anything: %s', (operation) => {
    const error = errorOf(dms(without('name'), operation));
    expect(error).toMatchObject({ errorClass: 'data', column: 'name' });
    expect(error.message).toContain('IncludeNullAndEmpty');
  });

  test('does not matter to a delete', () => {
    expect(dms({ id: 7 }, 'delete').kind).toBe('captured');
  });
});

describe('hints', () => {
  const hint = (own: Record<string, unknown> = {}) => ({
    eventName: 'MODIFY',
    tableName: 'people',
    dynamodb: { Keys: { id: { N: '007' } } },
    ...own,
  });

  const hintsIn = (read: Intake) => {
    if (read.kind !== 'hinted') throw new Error(read.kind);
    return read.hinted.map((each) => each.hint);
  };

  test('one for each entity of the table, by its canonical key', () => {
    expect(hintsIn(taken(hint()))).toEqual([
      { eventId: expect.any(String), entity: 'people', side: 'main', key: '7' },
      { eventId: expect.any(String), entity: 'names', side: 'main', key: '7' },
    ]);
  });

  test('an id for each message, entity and row, the same at every delivery', () => {
    const ids = [taken(hint()), taken(hint()), taken(hint(), 'message-2')].map(
      (read) => hintsIn(read)[0]!.eventId,
    );
    expect(ids[0]).toBe(ids[1]);
    const other = hintsIn(taken(hint({ dynamodb: { Keys: { id: { N: '8' } } } })));
    expect(
      new Set([...ids, ...other.map(({ eventId }) => eventId), hintsIn(taken(hint()))[1]!.eventId]).size,
    ).toBe(5);
  });

  test('of nobody, without a key, or without an id, is dead', () => {
    expect(errorOf(taken(hint({ tableName: 'strangers' }))).code).toBe('unknown_table');
    expect(errorOf(taken(hint({ dynamodb: { Keys: { no: { N: '7' } } } }))).message).toContain(
      'key column id',
    );
    const noId = intake(pipeline, 'main', {
      key: null,
      value: Buffer.from(JSON.stringify(hint())),
      headers: {},
    });
    expect(errorOf(noId).code).toBe('no_message_id');
  });
});
