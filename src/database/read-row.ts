import sql, { empty, raw } from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import type { CompiledTable, IncomingReference } from '../pipeline/route.ts';
import type { Referrer, StoredRow, TableDescription } from './contract.ts';
import type { Dialect } from './dialect.ts';
import type { Session } from './session.ts';
import {
  declaredColumn,
  hasKey,
  liveColumn,
  selected,
  selectedKey,
  selectList,
  tableName,
} from './table-sql.ts';

/**
 * The row by canonical key, null where it does not exist; with `lock` under an exclusive row lock. Throws `schema`
 * where the live table lacks a declared column.
 */
export async function readRow(
  dialect: Dialect,
  session: Session,
  table: CompiledTable,
  key: string,
  { lock, description }: { lock: boolean; description: TableDescription },
): Promise<StoredRow | null> {
  const condition = hasKey(dialect, table, key, description);
  const [row] = await readRows(dialect, session, table, { condition, lock, description });
  return row ?? null;
}

/** The rows under a condition; with `lock` each under an exclusive row lock. Throws `schema` as `readRow` does. */
export async function readRows(
  dialect: Dialect,
  session: Session,
  table: CompiledTable,
  { condition, lock, description }: { condition: Sql; lock: boolean; description: TableDescription },
): Promise<StoredRow[]> {
  const columns = [...table.columns.values()];
  for (const { name } of columns) liveColumn(table, description, name);
  if (table.clock !== null) liveColumn(table, description, table.clock);
  const clock = table.clock === null ? empty : sql`, ${dialect.identifier(table.clock)} AS row_clock`;
  const { rows } = await session.query(
    sql`SELECT ${selectList(dialect, columns)}${clock} FROM ${tableName(dialect, table)}
      WHERE ${condition}${lock ? raw(' FOR UPDATE') : empty}`,
  );
  return rows.map((row) => {
    const values = selected(dialect, columns, row);
    return {
      values: Object.fromEntries(columns.map(({ name }, index) => [name, values[index]!])),
      clock: bigintOrNull(row['row_clock']),
    };
  });
}

const bigintOrNull = (value: unknown): bigint | null =>
  value === null || value === undefined ? null : BigInt(value as string | number);

/**
 * A row of the first table that still refers to the row. A true check while the row itself is locked: a foreign key makes
 * every insert or update of a child wait for that lock, so what is read here can only become fewer.
 */
export async function findReferrer(
  dialect: Dialect,
  session: Session,
  references: readonly IncomingReference[],
  key: string,
  describe: (table: CompiledTable) => Promise<TableDescription>,
): Promise<Referrer | null> {
  for (const reference of references) {
    const { table } = reference;
    const column = declaredColumn(table, reference.column);
    const live = liveColumn(table, await describe(table), column.name);
    const keys = table.key.map((name) => declaredColumn(table, name));
    const { rows } = await session.query(
      sql`SELECT ${selectList(dialect, keys)} FROM ${tableName(dialect, table)}
        WHERE ${dialect.identifier(column.name)} = ${dialect.toParameter(column, key, live)} LIMIT 1`,
    );
    if (rows[0]) return { ...reference, key: selectedKey(dialect, table, rows[0]) };
  }
  return null;
}
