import { expect, test } from '@jest/globals';
import { intake, type Intake } from '../../../src/ingest/intake.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { integer, text } from '../../../src/pipeline/columns.ts';
import { compilePipeline } from '../../../src/pipeline/compile.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../../src/pipeline/define.ts';

const people = () => table('people', { id: integer(), name: text() });
const persons = () => table('persons', { id: integer(), title: text() });

const pipeline = compilePipeline(
  definePipeline({
    name: 'pair',
    sides: { left: postgres({ url: 'postgres://left' }), right: mysql({ url: 'mysql://right' }) },
    entities: {
      people: entity({ tables: { left: people(), right: persons() }, columns: { name: 'title' } }),
      copies: entity({
        tables: { left: people(), right: table('copies', { id: integer(), title: text() }) },
        columns: { name: 'title' },
        direction: 'one_way',
        conflicts: 'source_wins',
      }),
    },
  }),
);

interface Given {
  op?: string;
  schema?: string;
  table?: string;
  writer?: string;
  origin?: string | null;
  snapshot?: string;
  headers?: Record<string, string>;
  value?: Buffer | null;
  side?: string;
}

function taken(given: Given): Intake {
  const row = { id: 1, name: 'Ann', source: given.writer ?? 'left', sync_clock: 5 };
  const deleted = given.op === 'd';
  const envelope = {
    op: given.op ?? 'u',
    before: deleted ? row : null,
    after: deleted || given.op === 't' ? null : row,
    source: {
      connector: 'postgresql',
      db: 'left_db',
      schema: given.schema ?? 'public',
      table: given.table ?? 'people',
      lsn: 77,
      ts_us: 1_700_000_000_000_000,
      snapshot: given.snapshot ?? 'false',
      origin: given.origin ?? null,
    },
  };
  const value = given.value === undefined ? Buffer.from(JSON.stringify(envelope)) : given.value;
  return intake(pipeline, given.side ?? 'left', { key: null, value, headers: given.headers ?? {} });
}

const told = (read: Intake) => {
  if (read.kind === 'skip') return `skip ${read.reason}`;
  if (read.kind === 'truncated') return `truncated ${read.table.name}`;
  if (read.kind === 'dead')
    return `dead ${read.error instanceof SyncError ? read.error.errorClass : String(read.error)}`;
  if (read.kind === 'hinted')
    return read.hinted.map(({ hint }) => `hint ${hint.entity} ${hint.key}`).join(', ');
  return [
    ...read.captured.map(({ event }) => `start ${event.entity_type} ${event.operation}`),
    ...read.echoes.map(({ layer }) => `echo ${layer}`),
  ].join(', ');
};

const both = (operation: string) => `start people ${operation}, start copies ${operation}`;

test.each<[string, Given, string]>([
  ['an insert, for each entity that captures the table', { op: 'c' }, both('CREATE')],
  ['an update', { op: 'u' }, both('UPDATE')],
  ['a delete', { op: 'd' }, both('DELETE')],
  ['a read', { op: 'r', snapshot: 'true' }, both('CREATE')],
  ['a write under an origin mark', { origin: 'tandem_1' }, 'echo origin, echo origin'],
  ['a delete under an origin mark', { op: 'd', origin: 'tandem_3' }, 'echo origin, echo origin'],
  ['a write under the mark of another tool', { origin: 'pgl_node' }, both('UPDATE')],
  [
    'a row that says it is a sync write, where the entity has that rule',
    { writer: 'sync_service' },
    'start copies UPDATE, echo source',
  ],
  ['a delete of a row that was a sync write', { op: 'd', writer: 'sync_service' }, both('DELETE')],
  ['a read of a row that was a sync write', { op: 'r', writer: 'sync_service' }, both('CREATE')],
  ['a Kafka tombstone', { value: null }, 'skip tombstone'],
  ['a TRUNCATE', { op: 't' }, 'truncated people'],
  ['a TRUNCATE of a table nobody knows', { op: 't', table: 'strangers' }, 'skip not_captured'],
  ['a heartbeat', { value: Buffer.from('{"ts_ms":1}') }, 'skip ignored'],
  ['half of a primary-key change', { op: 'd', headers: { '__debezium.newkey': '{"id":2}' } }, 'skip ignored'],
  ['a table nobody knows', { table: 'strangers' }, 'dead data'],
  ['no JSON', { value: Buffer.from('not json') }, 'dead data'],
  ['an empty value', { value: Buffer.from('') }, 'dead data'],
  ['JSON of something else', { value: Buffer.from('[1]') }, 'dead data'],
  ['an epoch that is no number', { headers: { 'tandem.epoch': 'two' } }, 'dead data'],
])('%s', (_, given, expected) => {
  expect(told(taken(given))).toBe(expected);
});

test('bytes that are no text are dead', () => {
  expect(taken({ value: Buffer.from([0xff, 0xfe, 0x00]) }).kind).toBe('dead');
});

test('a table that is only written on this side is passed over', () => {
  expect(told(taken({ side: 'right', table: 'copies' }))).toBe('skip not_captured');
});

test("doctor's canary is passed over, and no other table of its name", () => {
  expect(told(taken({ schema: 'tandem', table: 'loop_canary' }))).toBe('skip ignored');
  expect(told(taken({ table: 'loop_canary' }))).toBe('dead data');
});

test('the message of a dead record names what is wrong and quotes nothing', () => {
  const unknown = taken({ table: 'strangers' });
  expect(unknown.kind === 'dead' && (unknown.error as Error).message).toBe('unknown table public.strangers');
  const broken = taken({ value: Buffer.from('{"name":"Ann') });
  expect(broken.kind === 'dead' && (broken.error as Error).message).not.toContain('Ann');
});

test('the epoch comes from the header, 1 without it, and belongs to the event id', () => {
  const epochs = [{}, { 'tandem.epoch': '1' }, { 'tandem.epoch': '2' }].map((headers) => {
    const read = taken({ headers });
    if (read.kind !== 'captured') throw new Error('not captured');
    return read.captured[0]!.event;
  });
  expect(epochs.map(({ position }) => position.epoch)).toEqual([1, 1, 2]);
  expect(new Set(epochs.map(({ event_id }) => event_id)).size).toBe(2);
});

const seedEvent = (changes: Record<string, unknown>) =>
  Buffer.from(
    JSON.stringify({
      event_id: '5f6f2c0e-7d0c-4a5e-9b1a-2f5c0a1b7c11',
      event_version: '1.0.0',
      entity_type: 'copies',
      operation: 'UPDATE',
      primary_key: '1',
      payload: { id: 1, name: 'Ann', source: 'left' },
      source: 'left',
      timestamp: '2026-01-08T10:30:00Z',
      ...changes,
    }),
  );

test("an event of the seeds' own contract is taken by the name of its entity", () => {
  expect(told(taken({ value: seedEvent({}) }))).toBe('start copies UPDATE');
  const echo = { entity_type: 'people', payload: { id: 1, name: 'Ann', source: 'sync_service' } };
  expect(told(taken({ value: seedEvent(echo) }))).toBe('echo source');
  expect(told(taken({ value: seedEvent({ entity_type: 'nobody' }) }))).toBe('dead data');
});
