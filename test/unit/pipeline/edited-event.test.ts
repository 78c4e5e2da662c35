import { describe, expect, test } from '@jest/globals';
import type { ChangeEvent } from '../../../src/change/event.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import * as c from '../../../src/pipeline/columns.ts';
import type { ColumnKind } from '../../../src/pipeline/columns.ts';
import { editedEvent } from '../../../src/pipeline/edited-event.ts';
import { transformChange } from '../../../src/pipeline/transform.ts';
import { parentsUnder } from '../../support/parents-under.ts';
import { copied, mainToCopy } from '../../support/main-to-copy.ts';
import { TwoSides } from '../../support/two-sides.ts';

const event = new TwoSides().insert('left', 'parents', { name: 'old' });
const twoWay = parentsUnder({}).route('parents', 'left')!;

const refusal = (run: () => unknown): SyncError => {
  try {
    run();
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
  throw new Error('not refused');
};

describe('of a two-way entity', () => {
  test('it is the next version, under the same id and position', () => {
    const edited = editedEvent(twoWay, event, { name: 'new' });
    const clock = String(BigInt(event.clock!) + 1n);
    expect(edited).toEqual({
      ...event,
      clock,
      payload: { ...event.payload, name: 'new', sync_clock: clock },
    });
  });

  test('the clocks of the groups that were corrected move, no other', () => {
    const merged = parentsUnder({ conflicts: 'merge_columns', columnGroups: { names: ['name'] } });
    const { payload, clock } = editedEvent(merged.route('parents', 'left')!, event, { name: 'new' });
    expect(payload).toMatchObject({ sync_clock_names: clock });
    expect(payload).not.toHaveProperty('sync_clock_rest');
  });

  test('without row clocks nothing can be corrected, since rows are read', () => {
    const route = parentsUnder({ clock: null, sourceColumn: null, conflicts: 'side:left' }).route(
      'parents',
      'left',
    )!;
    expect(refusal(() => editedEvent(route, event, { name: 'new' })).message).toMatch(
      /correct the source row/,
    );
  });
});

test.each([
  ['id', '2', /it is part of the key/],
  ['nmae', 'new', /parents brings no such column from left to right/],
  ['name', null, /refused by its schema/],
  ['name', true, /not of kind text/],
])('column %s is not corrected to %p, and the error names it', (column, value, why) => {
  const error = refusal(() => editedEvent(twoWay, event, { [column]: value }));
  expect(error).toMatchObject({ errorClass: 'data', column });
  expect(error.message).toMatch(why);
});

describe('of a one-way entity', () => {
  const columns = Object.fromEntries(
    c.columnKinds.map((kind) => [kind, (c as Record<ColumnKind, () => c.ColumnSchema>)[kind]().nullable()]),
  );
  const route = mainToCopy({ people: copied({ id: c.integer(), ...columns }) }).route('people', 'main')!;
  const person: ChangeEvent = {
    ...event,
    clock: null,
    payload: { id: '1', ...Object.fromEntries(c.columnKinds.map((kind) => [kind, null])) },
  };
  const corrected = (kind: ColumnKind, value: string | boolean) =>
    transformChange(route, editedEvent(route, person, { [kind]: value })).row![kind];

  test('its place in the order stays', () => {
    const { position, clock, payload } = editedEvent(route, person, { text: 'new' });
    expect({ position, clock, payload }).toEqual({
      position: person.position,
      clock: null,
      payload: { ...person.payload, text: 'new' },
    });
  });

  const values: Record<ColumnKind, string> = {
    integer: '-12',
    decimal: '12.5',
    double: '1.5',
    real: '1.5',
    boolean: 'true',
    text: 'a=b',
    bytes: 'AQI=',
    bits: '100000001',
    uuid: '6f1d2c1e-54c5-5f0e-9d3e-2f0f6f1b8a11',
    date: '2026-01-08',
    time: '10:00:00.5',
    timestamp: '2026-01-08T10:00:00',
    timestamptz: '2026-01-08T10:00:00Z',
    json: '{"a":1}',
    array: '["1","2"]',
  };

  test.each(Object.entries(values) as [ColumnKind, string][])(
    'a value of kind %s arrives as it was written',
    (kind, value) => {
      expect(corrected(kind, value)).toBe(kind === 'boolean' ? true : value);
    },
  );

  test.each([
    ['integer', 'AAAA'],
    ['integer', '012'],
    ['date', '20461'],
    ['time', '1000'],
    ['timestamp', '1767866400000000'],
    ['timestamptz', '2026-01-08T10:00:00'],
    ['uuid', 'bx0sHlTFXw6dPi8PbxuKEQ=='],
    ['bits', '12'],
    ['boolean', 'yes'],
    ['json', '{'],
  ] as const)('what could be taken for another value of kind %s is refused: %s', (kind, value) => {
    const error = refusal(() => corrected(kind, value));
    expect(error).toMatchObject({ errorClass: 'data', column: kind });
    expect(error.message).not.toContain(value === '{' ? 'secret' : value);
  });
});
