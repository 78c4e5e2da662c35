import { describe, expect, test } from '@jest/globals';
import type { CapturedTable } from '../../../src/change/captured-table.ts';
import { isEcho } from '../../../src/change/echo.ts';
import { changeEvent } from '../../../src/change/event.ts';
import type { CapturedChange } from '../../../src/change/parsers/captured-change.ts';
import { parseRecord } from '../../../src/change/parsers/record.ts';
import type { RawRecord } from '../../../src/change/parsers/raw-record.ts';
import { toChangeEvent } from '../../../src/change/to-change-event.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { recorded, sameTransaction } from './recorded.ts';

const fx: CapturedTable = {
  pipeline: 'p',
  entity: 'things',
  side: 'legacy',
  engine: 'postgres',
  schema: 'public',
  name: 'fx',
  key: ['id'],
  clock: 'sync_clock',
  sourceColumn: 'source',
};
const kk: CapturedTable = { ...fx, name: 'kk', key: ['a', 'b'], clock: null, sourceColumn: null };

function changeIn(record: RawRecord): CapturedChange {
  const parsed = parseRecord(record);
  if (parsed.kind !== 'change') throw new Error(`the record is ${parsed.kind}`);
  return parsed.change;
}

const eventIn = (record: RawRecord, table: CapturedTable) =>
  toChangeEvent(changeIn(record), table, { epoch: 1 });

describe('records that carry no change', () => {
  test.each([
    ['postgres', 'rekeyTombstone', { kind: 'tombstone' }],
    ['postgres', 'heartbeat', { kind: 'ignored', reason: 'heartbeat' }],
    ['postgres', 'message', { kind: 'ignored', reason: 'message' }],
    ['postgres', 'truncate', { kind: 'truncate', schema: 'public', table: 'fx' }],
    ['postgres', 'transactionBegin', { kind: 'ignored', reason: 'transaction' }],
    ['postgres', 'transactionEnd', { kind: 'ignored', reason: 'transaction' }],
    ['mysql', 'tombstone', { kind: 'tombstone' }],
    ['mysql', 'heartbeat', { kind: 'ignored', reason: 'heartbeat' }],
    ['mysql', 'schemaChange', { kind: 'ignored', reason: 'schema_change' }],
    ['mysql', 'truncate', { kind: 'truncate', schema: 'db1', table: 'kk' }],
  ] as const)('%s %s', (engine, name, parsed) => {
    expect(parseRecord(recorded(engine, name))).toEqual(parsed);
  });
});

describe('change events of recorded changes', () => {
  test('an update carries what it changed, its clock and its place in the log', () => {
    const event = eventIn(recorded('postgres', 'update'), fx);
    expect(changeEvent.parse(event)).toEqual(event);
    expect(event).toMatchObject({
      operation: 'UPDATE',
      primary_key: '1',
      payload: { id: '1', name: 'Ada L.', amount: '12.50', sync_clock: '1767868200123999' },
      before: { name: 'Ada', sync_clock: '1767868200123456' },
      clock: '1767868200123999',
      origin: null,
      snapshot: false,
      source: 'legacy',
    });
    expect(Object.keys(event!.before!)).toEqual(['name', 'sync_clock']);
    expect(event!.position.order).toMatch(/^\d{20}$/);
    expect(event!.timestamp).toMatch(/^2026-11-21T\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  test('an insert has no before image', () => {
    expect(eventIn(recorded('postgres', 'insert'), fx)).toMatchObject({ operation: 'CREATE', before: null });
  });

  test('a delete carries the row as it was, and the clock after it', () => {
    expect(eventIn(recorded('postgres', 'delete'), fx)).toMatchObject({
      operation: 'DELETE',
      primary_key: '2',
      payload: { id: '2', name: 'Ada L.' },
      clock: '1767868200124000',
      before: null,
    });
  });

  test('a primary-key change is one update under the new key', () => {
    expect(eventIn(recorded('postgres', 'rekeyDelete'), fx)).toBeNull();
    expect(eventIn(recorded('postgres', 'rekeyCreate'), fx)).toMatchObject({
      operation: 'UPDATE',
      primary_key: '2',
      previous_key: '1',
    });
    expect(eventIn(recorded('mysql', 'rekeyDelete'), kk)).toBeNull();
    expect(eventIn(recorded('mysql', 'rekeyCreate'), kk)).toMatchObject({
      primary_key: '["5","x"]',
      previous_key: '["1","x"]',
    });
  });

  test('with its schema a record gives the same', () => {
    expect(eventIn(recorded('postgres', 'snapshotWithSchema'), fx)).toMatchObject({
      operation: 'CREATE',
      snapshot: true,
      primary_key: '1',
    });
    expect(eventIn(recorded('postgres', 'updateWithSchema'), fx)).toMatchObject({ operation: 'UPDATE' });
    expect(eventIn(recorded('postgres', 'rekeyCreateWithSchema'), fx)).toMatchObject({ previous_key: '1' });
  });

  test.each(['postgres', 'mysql'] as const)(
    'changes of one row in one %s transaction are in order',
    (engine) => {
      const changes = sameTransaction(engine)
        .filter(({ value }) => value !== null)
        .map(changeIn);
      expect(changes.map(({ op }) => op).join('')).toBe('uudcdc');
      const orders = changes.map(({ source }) => source.order);
      expect(orders).toEqual(orders.toSorted());
      const [, , , insert, rekeyDelete, rekeyCreate] = orders;
      expect(new Set(orders.slice(0, 5)).size).toBe(5);
      expect(insert! < rekeyDelete!).toBe(true);
      expect(rekeyCreate).toBe(rekeyDelete);
      const ids = changes.map((change) => toChangeEvent(change, kk, { epoch: 1 })?.event_id);
      expect(new Set(ids).size).toBe(6);
    },
  );

  test('MySQL positions order by the number of the file', () => {
    const { order } = changeIn(recorded('mysql', 'update')).source;
    expect(order).toMatch(/^0000000001\.\d{20}\.0000000000$/);
    const text = recorded('mysql', 'update').value!.toString();
    const later = changeIn({
      key: null,
      value: Buffer.from(text.replace('binlog.000001', 'binlog.1000000')),
      headers: {},
    });
    expect(later.source.order > order).toBe(true);
  });

  test('the same record gives the same event at every delivery, another under another epoch or pipeline', () => {
    const record = recorded('postgres', 'update');
    const { event_id: id } = eventIn(record, fx)!;
    expect(eventIn(record, fx)!.event_id).toBe(id);
    expect(toChangeEvent(changeIn(record), fx, { epoch: 2 })!.event_id).not.toBe(id);
    expect(eventIn(record, { ...fx, pipeline: 'q' })!.event_id).not.toBe(id);
  });

  test('a key is in its canonical form', () => {
    const change = changeIn(recorded('postgres', 'insert'));
    const event = toChangeEvent(change, fx, { epoch: 1, keyValue: (column) => `${column}!` });
    expect(event!.primary_key).toBe('id!');
  });

  test('a missing key column is refused by name', () => {
    expect(() => eventIn(recorded('postgres', 'insert'), { ...fx, key: ['nope'] })).toThrow(
      /key column nope is missing/,
    );
    expect(() => eventIn(recorded('postgres', 'insert'), { ...fx, key: [] })).toThrow(/no key columns/);
  });
});

test('what the log left out is not in the payload', () => {
  const { after } = changeIn(recorded('postgres', 'toastUpdate'));
  expect(after).toEqual({ id: '5', o: expect.any(String) });
});

test('64-bit and exact numbers stay what they are', () => {
  const { after } = changeIn(recorded('mysql', 'updateAllTypes'));
  expect(after).toMatchObject({ i8: '9223372036854775807', n: '12345678901234567890.1234567890' });
});

describe('echoes', () => {
  const marked: CapturedTable = { ...kk, sourceColumn: 'v' };
  const asked = (name: string, engine: 'postgres' | 'mysql', table = kk) =>
    isEcho(changeIn(recorded(engine, name)), table);

  test.each([
    ['postgres', 'markedUpdate', 'origin'],
    ['postgres', 'markedDelete', 'origin'],
    ['mysql', 'taggedUpdate', 'origin'],
    ['mysql', 'taggedDelete', 'origin'],
    ['postgres', 'update', null],
    ['mysql', 'update', null],
    ['mysql', 'delete', null],
  ] as const)('%s %s: %s', (engine, name, layer) => {
    expect(asked(name, engine)).toBe(layer);
  });

  test.each([
    ['c', 'source'],
    ['u', 'source'],
    ['d', null],
    ['r', null],
  ] as const)('the source rule judges %s: %s', (op, layer) => {
    const change = changeIn(recorded('mysql', 'update'));
    const row = { a: '1', b: 'x', v: 'sync_service' };
    const own = op === 'd' ? { before: row, after: null } : { before: null, after: row };
    expect(isEcho({ ...change, op, ...own }, marked)).toBe(layer);
    expect(isEcho({ ...change, op, ...own }, kk)).toBeNull();
  });

  test("a replication origin that is not Tandem's is an app", () => {
    const change = changeIn(recorded('postgres', 'update'));
    expect(isEcho({ ...change, source: { ...change.source, origin: 'other' } }, fx)).toBeNull();
  });
});

describe('records that cannot be parsed', () => {
  const text = recorded('postgres', 'update').value!.toString();
  const secret = 'Ada L.';
  const envelope = JSON.parse(text) as Record<string, unknown>;
  const without = (field: string, block?: string) => {
    const copy = structuredClone(envelope);
    delete (block === undefined ? copy : (copy[block] as Record<string, unknown>))[field];
    return JSON.stringify(copy);
  };
  test.each([
    ['truncated', text.slice(0, 300), /not valid JSON/],
    ['empty', '', /not valid JSON/],
    ['a number', '7', /not a JSON object/],
    ['another object', `{"name":"${secret}"}`, /field op is missing/],
    ['an unknown operation', text.replace('"op":"u"', '"op":"x"'), /operation is unknown/],
    ['no after image', without('after'), /field after is missing/],
    ['no source', without('source'), /field source is missing/],
    ['no position', without('lsn', 'source'), /field lsn is missing/],
    ['no table', without('table', 'source'), /field table is missing/],
    ['another connector', text.replace('"postgresql"', '"oracle"'), /neither postgresql nor mysql/],
    ['nested without end', '['.repeat(200_000), /./],
  ])('%s', (_, value, reason) => {
    const error = (() => {
      try {
        return parseRecord({ key: null, value: Buffer.from(value), headers: {} });
      } catch (error) {
        return error;
      }
    })();
    expect(error).toBeInstanceOf(SyncError);
    expect(error).toMatchObject({ errorClass: 'data', message: expect.stringMatching(reason) });
    expect(String(error)).not.toContain(secret);
  });

  test('truncated UTF-8', () => {
    const bytes = Buffer.concat([
      Buffer.from('{"op":"'),
      Buffer.from('😀').subarray(0, 2),
      Buffer.from('"}'),
    ]);
    expect(() => parseRecord({ key: null, value: bytes, headers: {} })).toThrow(/not valid UTF-8/);
  });
});

describe("the seeds' events", () => {
  const event = {
    event_id: '0b4c0a3e-8c1d-4a7e-9d55-000000000000',
    entity_type: 'users',
    operation: 'UPDATE',
    primary_key: '123',
    payload: { id: 123, name: 'John Doe', source: 'legacy' },
    source: 'legacy',
    event_version: '1.0.0',
    timestamp: '2026-01-08T10:30:00Z',
  };
  const read = (own: object, offset?: string) => {
    const parsed = parseRecord({
      key: null,
      value: Buffer.from(JSON.stringify({ ...event, ...own })),
      headers: {},
      offset,
    });
    if (parsed.kind !== 'seed') throw new Error(parsed.kind);
    return parsed;
  };

  test('give a change event of their entity', () => {
    const { entity, change } = read({}, '42');
    expect(entity).toBe('users');
    const made = toChangeEvent(change, { ...fx, clock: null }, { epoch: 1 });
    expect(changeEvent.parse(made)).toMatchObject({
      operation: 'UPDATE',
      primary_key: '123',
      payload: { id: '123', name: 'John Doe' },
      timestamp: '2026-01-08T10:30:00.000000Z',
    });
  });

  test('order by time, and within one time by offset', () => {
    const orders = [
      read({}, '9'),
      read({}, '10'),
      read({ timestamp: '2026-01-08T10:30:00.000001Z' }, '1'),
      read({ timestamp: '2026-01-08T11:31:00+01:00' }, '0'),
    ].map(({ change }) => change.source.order);
    expect(orders).toEqual(orders.toSorted());
    expect(new Set(orders).size).toBe(4);
  });

  test("one that Tandem's own write caused is an echo, a delete is not judged", () => {
    expect(isEcho(read({ source: 'sync_service', payload: { id: 1 } }).change, fx)).toBe('source');
    expect(isEcho(read({ source: 'sync_service', operation: 'DELETE' }).change, fx)).toBeNull();
    expect(isEcho(read({}).change, fx)).toBeNull();
  });

  test.each([
    [{ operation: 'UPSERT' }, /operation is unknown/],
    [{ payload: null }, /field payload is missing/],
    [{ timestamp: 'yesterday' }, /field timestamp/],
    [{ primary_key: undefined }, /field primary_key is missing/],
  ])('%j is refused', (own, reason) => {
    expect(() => read(own)).toThrow(reason);
  });
});
