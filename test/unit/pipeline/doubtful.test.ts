import { describe, expect, test } from '@jest/globals';
import { settledEvent } from '../../../src/apply/settled-event.ts';
import type { ChangeEvent } from '../../../src/change/event.ts';
import type { Row, WireValue } from '../../../src/change/value.ts';
import type { Database, StoredRow } from '../../../src/database/contract.ts';
import * as c from '../../../src/pipeline/columns.ts';
import type { ColumnKind } from '../../../src/pipeline/columns.ts';
import { compilePipeline } from '../../../src/pipeline/compile.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../../src/pipeline/define.ts';
import type { Engine } from '../../../src/pipeline/define.ts';
import { doubtfulColumns } from '../../../src/pipeline/doubtful.ts';
import type { Route } from '../../../src/pipeline/route.ts';

const kinds = c.columnKinds;

function routeFrom(engine: Engine): Route {
  const columns = Object.fromEntries(
    kinds.map((kind) => [kind, (c as Record<ColumnKind, () => c.ColumnSchema>)[kind]().nullable()]),
  );
  const things = table('things', { id: c.integer(), ...columns });
  const side = engine === 'mysql' ? mysql : postgres;
  const pipeline = compilePipeline(
    definePipeline({
      name: 'p',
      sides: { left: side({ url: `${engine}://left` }), right: side({ url: `${engine}://right` }) },
      entities: {
        things: entity({
          tables: { left: things, right: things },
          columns: Object.fromEntries(kinds.map((kind) => [kind, kind])),
          direction: 'one_way',
          sourceColumn: null,
        }),
      },
    }),
  );
  return pipeline.route('things', 'left')!;
}

const event = (payload: Record<string, WireValue>, own: Partial<ChangeEvent> = {}): ChangeEvent => ({
  event_id: '2cfbe1da-f5c2-53c7-9830-29399f975faf',
  event_version: '1.0.0',
  pipeline: 'p',
  entity_type: 'things',
  operation: 'UPDATE',
  primary_key: '1',
  payload,
  before: null,
  source: 'left',
  timestamp: '2026-01-01T00:00:00.000000Z',
  position: { epoch: 1, order: '1' },
  clock: '5',
  origin: null,
  snapshot: false,
  ...own,
});

describe('doubtful columns', () => {
  test.each<[Engine, ColumnKind, WireValue, boolean, boolean]>([
    ['mysql', 'date', null, false, true],
    ['mysql', 'date', '0', false, true],
    ['mysql', 'date', '1970-01-01Z', false, true],
    ['mysql', 'date', '1', false, false],
    ['mysql', 'timestamp', '0', false, true],
    ['mysql', 'timestamp', '1', false, false],
    ['mysql', 'timestamptz', '1970-01-01T00:00:00Z', false, true],
    ['mysql', 'timestamptz', null, false, true],
    ['mysql', 'time', null, false, false],
    ['mysql', 'text', null, false, false],
    ['mysql', 'real', '0.1', false, false],
    ['mysql', 'real', '0.1', true, true],
    ['mysql', 'integer', '1900', false, true],
    ['mysql', 'integer', '2000', true, true],
    ['mysql', 'integer', '2000', false, false],
    ['postgres', 'date', null, false, false],
    ['postgres', 'date', '-735160', false, false],
    ['postgres', 'date', '-703383', true, true],
    ['postgres', 'date', '2146033979', true, false],
    ['postgres', 'array', ['1'], false, true],
    ['postgres', 'array', null, false, false],
    ['postgres', 'time', '00:00:00Z', false, true],
    ['postgres', 'time', '0', false, false],
    ['postgres', 'real', '0.1', true, false],
  ])('%s %s %j, snapshot %j: %j', (engine, kind, wire, snapshot, doubtful) => {
    const route = routeFrom(engine);
    const names = doubtfulColumns(route, event({ [kind]: wire }, { snapshot })).map(({ name }) => name);
    expect(names).toEqual(doubtful ? [kind] : []);
    expect(doubtfulColumns(route, event({ [kind]: wire }, { snapshot, operation: 'DELETE' }))).toEqual([]);
  });
});

describe('a settled event', () => {
  const route = routeFrom('mysql');
  const holding = (row: StoredRow | null) => ({ findRow: () => Promise.resolve(row) }) as unknown as Database;
  const row = (values: Row, clock: bigint | null = 5n) => holding({ values, clock });
  const captured = event({ date: null, text: 'a' });

  test('takes what the row holds, and only what was in doubt', async () => {
    const settled = await settledEvent(row({ date: '0000-00-00', text: 'b' }), route, captured);
    expect(settled).toEqual({ ...captured, payload: { date: '0000-00-00', text: 'a' } });
  });

  test('is as captured where the row is gone or another version', async () => {
    expect(await settledEvent(holding(null), route, captured)).toBe(captured);
    expect(await settledEvent(row({ date: '2020-01-01' }, 6n), route, captured)).toBe(captured);
  });

  test('asks no database where nothing is in doubt', async () => {
    const none = { findRow: () => Promise.reject(new Error('asked')) } as unknown as Database;
    const certain = event({ date: '18000' });
    expect(await settledEvent(none, route, certain)).toBe(certain);
  });
});
