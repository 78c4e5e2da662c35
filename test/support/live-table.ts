import type { ColumnDescription } from '../../src/database/contract.ts';
import type { ForeignKey, LiveTable } from '../../src/database/live-schema.ts';

/** `name: 'integer'`, `'text?'` (may be null), `'text='` (has a default), `'enum(a,b)'`. */
export function liveTable(
  name: string,
  columns: Record<string, string>,
  rest: Partial<Omit<LiveTable, 'columns' | 'foreignKeys' | 'uniques'>> & {
    foreignKeys?: readonly (Partial<ForeignKey> & Pick<ForeignKey, 'columns' | 'parent'>)[];
    unique?: readonly (readonly string[])[];
  } = {},
): LiveTable {
  const { foreignKeys = [], unique = [], key = [Object.keys(columns)[0]!], ...others } = rest;
  return {
    schema: null,
    name,
    columns: new Map(Object.entries(columns).map(([column, type]) => [column, describe(column, type)])),
    key,
    uniques: unique.map((each) => ({
      name: `${name}_${each.join('_')}_key`,
      columns: each,
      predicate: null,
      nullsDistinct: true,
    })),
    foreignKeys: foreignKeys.map((each) => ({
      parentColumns: [`${each.parent}_id`],
      onDelete: 'refuse' as const,
      ...each,
    })),
    computed: new Set(),
    touched: new Set(),
    triggers: [],
    numbered: key.length === 1,
    ...others,
  };
}

function describe(name: string, type: string): ColumnDescription {
  const [, base = type, labels, mark] = /^([a-z_ ]+(?:\[\])?)(?:\(([^)]*)\))?([?=]?)$/.exec(type) ?? [];
  return {
    name,
    type: base,
    nullable: mark === '?',
    hasDefault: mark === '=',
    maxLength: null,
    lengthUnit: null,
    precision: null,
    scale: null,
    unsigned: false,
    fraction: null,
    labels: labels === undefined ? null : labels.split(','),
  };
}
