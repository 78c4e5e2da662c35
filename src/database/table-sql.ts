import sql, { join, raw } from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import { keyText, keyValues } from '../change/key.ts';
import type { Row, Value } from '../change/value.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { CompiledColumn, CompiledTable } from '../pipeline/route.ts';
import type { ColumnDescription, TableDescription } from './contract.ts';
import type { Dialect } from './dialect.ts';

export function tableName(dialect: Dialect, table: CompiledTable): Sql {
  const name = dialect.identifier(table.name);
  return table.schema === null ? name : sql`${dialect.identifier(table.schema)}.${name}`;
}

export function declaredColumn(table: CompiledTable, name: string): CompiledColumn {
  const column = table.columns.get(name);
  if (column === undefined)
    throw new SyncError('schema', `column ${name} of table ${table.name} is not declared`, { column: name });
  return column;
}

/** Throws `schema` where the live table lacks the column. */
export function liveColumn(
  table: CompiledTable,
  description: TableDescription,
  name: string,
): ColumnDescription {
  const live = description.get(name);
  if (live === undefined)
    throw new SyncError('schema', `column ${name} of table ${table.name} does not exist`, { column: name });
  return live;
}

/** The key's columns with their canonical values. */
export function keyColumns(table: CompiledTable, key: string): { column: CompiledColumn; value: Value }[] {
  const values = keyValues(key, table.key.length);
  return table.key.map((name, index) => {
    const column = declaredColumn(table, name);
    const text = values[index]!;
    return { column, value: column.kind === 'boolean' ? text === 'true' : text };
  });
}

/** The key as values of a row. */
export const keyRow = (table: CompiledTable, key: string): Row =>
  Object.fromEntries(keyColumns(table, key).map(({ column, value }) => [column.name, value]));

/**
 * What to compare a key column with in a list or an order. A number stands in the text: MySQL compares a quoted one with
 * a column of numbers as doubles.
 */
export function keyOperand(
  dialect: Dialect,
  column: CompiledColumn,
  value: Value,
  live: ColumnDescription | undefined,
): Sql {
  const isNumber = column.kind === 'integer' || column.kind === 'decimal';
  if (isNumber && /^-?\d+(\.\d+)?$/.test(String(value))) return raw(String(value));
  return sql`${dialect.toParameter(column, value, live)}`;
}

/** `"a" = $1 AND "b" = $2` for the row with this key. Throws `schema` where the live table lacks a key column. */
export function hasKey(
  dialect: Dialect,
  table: CompiledTable,
  key: string,
  description: TableDescription,
): Sql {
  const conditions = keyColumns(table, key).map(
    ({ column, value }) =>
      sql`${dialect.identifier(column.name)} = ${dialect.toParameter(column, value, liveColumn(table, description, column.name))}`,
  );
  return join(conditions, ' AND ');
}

/** Reads columns in canonical form as `column_0`, `column_1`, …: a name of the app's cannot collide. */
export function selectList(dialect: Dialect, columns: readonly CompiledColumn[]): Sql {
  return join(columns.map((column, index) => raw(`${dialect.selectExpression(column)} AS column_${index}`)));
}

/** The values of `selectList`, in its order. */
export const selected = (
  dialect: Dialect,
  columns: readonly CompiledColumn[],
  row: Record<string, unknown>,
): Value[] => columns.map((column, index) => dialect.fromDriver(column, row[`column_${index}`]));

/** Canonical key text from a row read by `selectList` over the key columns. */
export const selectedKey = (dialect: Dialect, table: CompiledTable, row: Record<string, unknown>): string =>
  keyText(
    selected(
      dialect,
      table.key.map((name) => declaredColumn(table, name)),
      row,
    ),
  );
