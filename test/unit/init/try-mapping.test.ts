import { expect, test } from '@jest/globals';
import { z } from 'zod';
import type { TableDescription } from '../../../src/database/contract.ts';
import { tryMapping } from '../../../src/init/try-mapping.ts';
import { compilePipeline } from '../../../src/pipeline/compile.ts';
import { integer, text, timestamptz } from '../../../src/pipeline/columns.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../../src/pipeline/define.ts';
import { liveTable } from '../../support/live-table.ts';

const trimmed = z.codec(text(), text(), { decode: (value) => value.trim(), encode: (value) => value });

const pipeline = compilePipeline(
  definePipeline({
    name: 'crm',
    sides: { one: postgres({}), other: mysql({}) },
    entities: {
      notes: entity({
        tables: {
          one: table('note', {
            id: integer(),
            body: text(),
            remark: text().nullable(),
            made: timestamptz(),
            state: text(),
          }),
          other: table('note', {
            id: integer(),
            body: text(),
            remark: text().nullable(),
            made: timestamptz(),
            state: text(),
          }),
        },
        columns: { body: ['body', trimmed], remark: 'remark', made: 'made', state: 'state' },
      }),
    },
  }),
);

const narrow = (columns: TableDescription, column: string, maxLength: number): TableDescription =>
  new Map(columns).set(column, { ...columns.get(column)!, maxLength, lengthUnit: 'character' });

const sides: Record<string, TableDescription> = {
  one: liveTable('note', {
    id: 'integer=',
    body: 'text',
    remark: 'text?',
    made: 'timestamp with time zone',
    state: 'state(open,gone)',
  }).columns,
  other: narrow(
    liveTable('note', {
      id: 'int=',
      body: 'text',
      remark: 'varchar?',
      made: 'timestamp',
      state: 'enum(open)',
      owner: 'int',
    }).columns,
    'remark',
    20,
  ),
};
const tried = tryMapping(pipeline, ({ side }) => sides[side]!);
const column = (side: string, name: string | null) =>
  tried.find(({ from }) => from.side === side && from.column === name)!;

test('a value that comes back as another is lossy, and the edges that do are named', () => {
  expect(column('one', 'body').lossy).toEqual(['a blank', 'a blank at the end']);
  expect(column('one', 'made').lossy).toEqual([]);
});

test('what a narrower column refuses is named, with the reason', () => {
  const { refused, fails } = column('one', 'remark');
  expect(refused.map(({ edge }) => edge)).toEqual(['longest', 'longest, in emoji']);
  expect(refused[0]!.reason).toMatch(/70000 characters is longer than varchar\(20\)/);
  expect(fails).toBe(false);
  expect(column('other', 'remark').refused).toEqual([]);
});

test('dates that the other side cannot hold are refused', () => {
  const { refused } = column('one', 'made');
  expect(refused.map(({ edge }) => edge)).toEqual(
    expect.arrayContaining(['before 1970', 'after 2038', 'infinity']),
  );
});

test('a label that the other side lacks fails, since such rows are sure to come', () => {
  expect(column('one', 'state')).toMatchObject({ fails: true, refused: [{ edge: 'label 2' }] });
  expect(column('other', 'state')).toMatchObject({ fails: false, refused: [] });
});

test('a column that must have a value and gets none is told', () => {
  expect(column('one', null)).toMatchObject({ to: { side: 'other', column: 'owner' }, fails: true });
  expect(tried.filter(({ from }) => from.column === null)).toHaveLength(1);
});
