import sql, { empty, join, raw } from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import type { Value } from '../change/value.ts';
import type { CompiledColumn, CompiledTable } from '../pipeline/route.ts';
import type { ChangedAfter, KeyRange, TableDescription } from './contract.ts';
import type { Dialect } from './dialect.ts';
import type { Session } from './session.ts';
import {
  declaredColumn,
  keyColumns,
  keyOperand,
  liveColumn,
  selectedKey,
  selectList,
  tableName,
} from './table-sql.ts';

/** Canonical keys in the order in which the database has them; read by the primary key, whatever the table's size. */
export async function listKeys(
  dialect: Dialect,
  session: Session,
  table: CompiledTable,
  description: TableDescription,
  { after, until, where, limit }: KeyRange,
): Promise<string[]> {
  const operands = (key: string) =>
    keyColumns(table, key).map(({ column, value }): Compared => {
      const live = liveColumn(table, description, column.name);
      const name = dialect.orderable(column.name, live);
      return { name, operand: keyOperand(dialect, column, value, live) };
    });
  const conditions = [
    ...(after === null ? [] : [compared(operands(after), '>', '>')]),
    ...(until === null ? [] : [compared(operands(until), '<', '<=')]),
    ...given(where),
  ];
  const keys = table.key.map((name) => declaredColumn(table, name));
  const order = keys.map(({ name }) => dialect.orderable(name, liveColumn(table, description, name)));
  const { rows } = await session.query(
    sql`SELECT ${selectList(dialect, keys)} FROM ${tableName(dialect, table)}
      ${whereOf(conditions)} ORDER BY ${join(order)} ${limit === null ? empty : raw(`LIMIT ${limit}`)}`,
  );
  return rows.map((row) => selectedKey(dialect, table, row));
}

/** See `Database.listChanged`. */
export async function listChanged(
  dialect: Dialect,
  session: Session,
  table: CompiledTable,
  description: TableDescription,
  { column, after, limit }: { column: string; after: ChangedAfter; limit: number },
): Promise<{ key: string; at: string }[]> {
  const changed = declaredColumn(table, column);
  const operand = (of: CompiledColumn, value: Value): Compared => {
    const live = liveColumn(table, description, of.name);
    return { name: dialect.orderable(of.name, live), operand: keyOperand(dialect, of, value, live) };
  };
  const at = operand(changed, after.at);
  const condition =
    after.key === null
      ? sql`${at.name} >= ${at.operand}`
      : compared(
          [at, ...keyColumns(table, after.key).map((key) => operand(key.column, key.value))],
          '>',
          '>',
        );
  const keys = table.key.map((name) => declaredColumn(table, name));
  const order = [changed, ...keys].map(({ name }) =>
    dialect.orderable(name, liveColumn(table, description, name)),
  );
  const { rows } = await session.query(
    sql`SELECT ${selectList(dialect, [...keys, changed])} FROM ${tableName(dialect, table)}
      WHERE ${condition} ORDER BY ${join(order)} ${raw(`LIMIT ${limit}`)}`,
  );
  return rows.map((row) => ({
    key: selectedKey(dialect, table, row),
    at: String(dialect.fromDriver(changed, row[`column_${keys.length}`])),
  }));
}

interface Compared {
  name: Sql;
  operand: Sql;
}

/** `>` or `<=` of all columns of a key, in a form of which both engines take the first column for their index. */
function compared([first, ...rest]: readonly Compared[], strictly: '<' | '>', last: '<=' | '>'): Sql {
  if (first === undefined) throw new Error('a key has at least one column');
  const { name, operand } = first;
  if (rest.length === 0) return sql`${name} ${raw(last)} ${operand}`;
  return sql`${name} ${raw(strictly)}= ${operand}
    AND (${name} ${raw(strictly)} ${operand} OR (${compared(rest, strictly, last)}))`;
}

/** Of how many rows: all of a table, or those under an operator's own condition. */
export async function countRows(
  dialect: Dialect,
  session: Session,
  table: CompiledTable,
  where: string | null,
): Promise<number> {
  const { rows } = await session.query(
    sql`SELECT count(*) AS n FROM ${tableName(dialect, table)} ${whereOf(given(where))}`,
  );
  return Number(rows[0]!['n']);
}

/** An operator's own condition; the line break ends a comment in it. */
const given = (where: string | null): Sql[] => (where === null ? [] : [sql`(${raw(where)}\n)`]);

const whereOf = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? empty : sql`WHERE ${join([...conditions], ' AND ')}`;
