import sql, { join } from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import type { CompiledTable } from '../../pipeline/route.ts';
import type { ColumnDescription, TableDescription } from '../contract.ts';
import type { Dialect } from '../dialect.ts';
import { keyColumns, keyOperand, keyRow, liveColumn } from '../table-sql.ts';
import { assignments } from '../write-row.ts';
import type { Assignment } from '../write-row.ts';
import type { RowInsert, RowUpdate } from './bulk.ts';

/** Columns and parameter lists of one INSERT for all rows; null where they do not give the same columns, or none. */
export function alike(
  dialect: Dialect,
  table: CompiledTable,
  description: TableDescription,
  rows: readonly RowInsert[],
): { columns: Sql[]; rows: Sql[] } | null {
  const sets = rows.map(({ key, values, marks }) => {
    const given = key === null ? values : { ...values, ...keyRow(table, key) };
    return assignments(dialect, table, description, given, marks);
  });
  const names = (set: (typeof sets)[number]) => set.map(({ column }) => column.text).join();
  const [first] = sets;
  if (!first || first.length === 0 || sets.some((set) => names(set) !== names(first))) return null;
  return {
    columns: first.map(({ column }) => column),
    rows: sets.map((set) => sql`(${join(set.map(({ parameter }) => parameter))})`),
  };
}

/** Updates of the same columns. */
export interface AlikeUpdates {
  keys: { column: Sql; live: ColumnDescription }[];
  columns: Omit<Assignment, 'parameter'>[];
  rows: { of: RowUpdate; key: Sql[]; values: unknown[] }[];
}

/** Puts together the updates that write the same columns; those that would write none are left out. */
export function alikeUpdates(
  dialect: Dialect,
  table: CompiledTable,
  description: TableDescription,
  updates: readonly RowUpdate[],
): AlikeUpdates[] {
  const keys = table.key.map((name) => ({
    column: dialect.identifier(name),
    live: liveColumn(table, description, name),
  }));
  const found = new Map<string, AlikeUpdates>();
  for (const update of updates) {
    const { key, values, marks } = update;
    const set = assignments(dialect, table, description, values, marks);
    if (set.length === 0) continue;
    const name = set.map(({ column }) => column.text).join();
    const alike = found.get(name) ?? { keys, columns: set, rows: [] };
    found.set(name, alike);
    alike.rows.push({
      of: update,
      key: keyColumns(table, key).map(({ column, value }, at) =>
        keyOperand(dialect, column, value, keys[at]!.live),
      ),
      values: set.map(({ parameter }) => parameter),
    });
  }
  return [...found.values()];
}
