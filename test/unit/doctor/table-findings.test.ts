import { expect, test } from '@jest/globals';
import type { ColumnDescription } from '../../../src/database/contract.ts';
import { tableFindings } from '../../../src/doctor/table-findings.ts';
import { integer, text } from '../../../src/pipeline/columns.ts';
import { compilePipeline } from '../../../src/pipeline/compile.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../../src/pipeline/define.ts';

const pipeline = compilePipeline(
  definePipeline({
    name: 'p',
    sides: {
      left: postgres({ url: 'postgres://x/y' }),
      right: mysql({ url: 'mysql://x/y' }),
    },
    entities: {
      people: entity({
        tables: {
          left: table('people', { id: integer(), name: text() }),
          right: table('persons', { id: integer(), full_name: text() }),
        },
        columns: { name: 'full_name' },
      }),
    },
  }),
);
const route = pipeline.route('people', 'left')!;
const table_ = route.target;

const live = (changes: Record<string, Partial<ColumnDescription> | null> = {}) => {
  const base: Record<string, Partial<ColumnDescription>> = {
    id: { type: 'bigint', hasDefault: true },
    full_name: { type: 'varchar' },
    sync_clock: { type: 'bigint', hasDefault: true },
    source: { type: 'varchar', hasDefault: true },
  };
  const columns = Object.entries({ ...base, ...changes }).filter(([, parts]) => parts !== null);
  return new Map(
    columns.map(([name, parts]): [string, ColumnDescription] => [
      name,
      {
        name,
        type: 'varchar',
        nullable: false,
        hasDefault: false,
        maxLength: null,
        lengthUnit: null,
        precision: null,
        scale: null,
        unsigned: false,
        fraction: null,
        labels: null,
        ...parts,
      },
    ]),
  );
};

const find = (description: ReturnType<typeof live>, carries = true) =>
  tableFindings(table_, description, route, () => carries).map(({ status, subject }) => [status, subject]);

test('a table that matches has nothing to say', () => {
  expect(find(live())).toEqual([]);
});

test.each([
  ['a missing mapped column', live({ full_name: null }), [['fail', 'right: persons.full_name']]],
  ['a missing clock', live({ sync_clock: null }), [['fail', 'right: persons.sync_clock']]],
  ['a missing source column', live({ source: null }), [['fail', 'right: persons.source']]],
  ['an unmapped column that must have a value', live({ extra: {} }), [['fail', 'right: persons.extra']]],
  ['an unmapped column with a default', live({ extra: { hasDefault: true } }), []],
  ['an unmapped column that may be null', live({ extra: { nullable: true } }), []],
  [
    'a null that the declaration excludes',
    live({ full_name: { nullable: true } }),
    [['warn', 'right: persons.full_name']],
  ],
] as const)('%s', (_, description, findings) => {
  expect(find(description)).toEqual(findings);
});

test('a type that cannot carry the kind is told for each column', () => {
  expect(find(live(), false)).toEqual([
    ['fail', 'right: persons.id'],
    ['fail', 'right: persons.full_name'],
  ]);
});

test('a table that Tandem only reads may have columns of its own', () => {
  expect(tableFindings(table_, live({ extra: {} }), null, () => true)).toEqual([]);
});
