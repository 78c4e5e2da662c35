import sql, { join } from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import type { CompiledTable } from '../../pipeline/route.ts';
import type { TableDescription } from '../contract.ts';
import type { Dialect } from '../dialect.ts';
import { keyRow } from '../table-sql.ts';
import { assignments } from '../write-row.ts';
import type { RowInsert } from './bulk.ts';

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
