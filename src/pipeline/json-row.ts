import type { Row, Value } from '../change/value.ts';
import type { ColumnKind } from './columns.ts';
import type { CompiledTable } from './route.ts';

/**
 * A row as JSON values: whole numbers as numbers where JSON carries them exactly, other numbers as text, JSON and arrays as
 * what they hold.
 */
export const jsonRow = ({ columns }: CompiledTable, row: Row): Record<string, unknown> =>
  Object.fromEntries(
    [...columns.values()].map(({ name, kind }) => [name, jsonValue(kind, row[name] ?? null)]),
  );

function jsonValue(kind: ColumnKind, value: Value): unknown {
  if (typeof value !== 'string') return value;
  if (kind === 'integer') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return kind === 'json' || kind === 'array' ? (JSON.parse(value) as unknown) : value;
}
