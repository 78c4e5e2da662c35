import sql, { join } from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import type { Row } from '../change/value.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { CompiledTable } from '../pipeline/route.ts';
import type { ColumnDescription, RowMarks, TableDescription } from './contract.ts';
import type { Dialect } from './dialect.ts';
import type { Session } from './session.ts';
import { declaredColumn, hasKey, liveColumn, tableName } from './table-sql.ts';

/** What Tandem writes to a table's `source` column: the name of its role in the seeds' contract. */
export const writerName = 'sync_service';

export interface Assignment {
  column: Sql;
  parameter: unknown;
  live: ColumnDescription;
}

/**
 * Column and parameter of every value, then of the marks the table keeps. Throws `schema` for a column the live table
 * lacks, `data` for a value it would refuse or change.
 */
export function assignments(
  dialect: Dialect,
  table: CompiledTable,
  description: TableDescription,
  values: Row,
  marks: RowMarks,
): Assignment[] {
  const marked = new Map<string, string>();
  if (table.sourceColumn !== null) marked.set(table.sourceColumn, writerName);
  if (table.clock !== null && marks.clock !== null) marked.set(table.clock, String(marks.clock));
  const ordinary = Object.entries(values)
    .filter(([name]) => !marked.has(name))
    .map(([name, value]) => {
      const column = declaredColumn(table, name);
      const live = liveColumn(table, description, name);
      dialect.assertFits(column, value, live);
      return { column: dialect.identifier(name), parameter: dialect.toParameter(column, value, live), live };
    });
  const ours = [...marked].map(([name, parameter]) => ({
    column: dialect.identifier(name),
    parameter,
    live: liveColumn(table, description, name),
  }));
  return [...ordinary, ...ours];
}

/** Writes only the given columns, and the marks. Throws `constraint` where the table did not take the write. */
export async function updateRow(
  dialect: Dialect,
  session: Session,
  table: CompiledTable,
  description: TableDescription,
  row: { key: string; values: Row; marks: RowMarks },
): Promise<void> {
  const set = assignments(dialect, table, description, row.values, row.marks);
  if (set.length === 0) return;
  const { affected } = await session.query(
    sql`UPDATE ${tableName(dialect, table)}
      SET ${join(set.map(({ column, parameter }) => sql`${column} = ${parameter}`))}
      WHERE ${hasKey(dialect, table, row.key, description)}`,
  );
  if (affected !== 1) throw notTaken(table, 'update');
}

/** Throws `waiting_for_row` while another row refers to it, `constraint` where the table did not take the delete. */
export async function deleteRow(
  dialect: Dialect,
  session: Session,
  table: CompiledTable,
  description: TableDescription,
  key: string,
): Promise<void> {
  const { affected } = await session.query(
    sql`DELETE FROM ${tableName(dialect, table)} WHERE ${hasKey(dialect, table, key, description)}`,
    'delete',
  );
  if (affected !== 1) throw notTaken(table, 'delete');
}

/** The row was under lock, so only the table itself can have left it as it is. */
export const notTaken = (table: CompiledTable, operation: string): SyncError =>
  new SyncError(
    'constraint',
    `table ${table.name} did not take the ${operation}: a trigger, rule or row policy left the row as it is`,
  );
