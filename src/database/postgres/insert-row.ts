import sql, { join } from 'sql-template-tag';
import type { Row } from '../../change/value.ts';
import type { CompiledTable } from '../../pipeline/route.ts';
import type { RowMarks, TableDescription } from '../contract.ts';
import type { Ledger } from '../ledger.ts';
import type { Session } from '../session.ts';
import { declaredColumn, keyRow, selectedKey, selectList, tableName } from '../table-sql.ts';
import { assignments, notTaken } from '../write-row.ts';
import { dialect } from './dialect.ts';

/** Inserts and returns the key as stored; a serial or identity key that was given is not handed out again later. */
export async function insertRow(
  ledger: Ledger,
  session: Session,
  table: CompiledTable,
  description: TableDescription,
  { key, values, marks }: { key: string | null; values: Row; marks: RowMarks },
): Promise<string> {
  const given = key === null ? values : { ...values, ...keyRow(table, key) };
  const set = assignments(dialect, table, description, given, marks);
  const target = tableName(dialect, table);
  const columns = set.map(({ column }) => column);
  const parameters = set.map(({ parameter }) => parameter);
  const source =
    set.length === 0
      ? sql`DEFAULT VALUES`
      : // Lets a key of GENERATED ALWAYS AS IDENTITY be given; means nothing elsewhere.
        sql`(${join(columns)}) OVERRIDING SYSTEM VALUE VALUES (${join(parameters)})`;
  const keyColumns = table.key.map((name) => declaredColumn(table, name));
  const { rows } = await session.query(
    sql`INSERT INTO ${target} ${source} RETURNING ${selectList(dialect, keyColumns)}`,
  );
  const [row] = rows;
  if (row === undefined) throw notTaken(table, 'insert');
  const stored = selectedKey(dialect, table, row);
  const [only, second] = keyColumns;
  if (key !== null && only?.kind === 'integer' && second === undefined)
    await session.query(
      sql`SELECT ${ledger.function('advance_sequence')}(${target.text}::regclass, ${only.name}, ${stored}::numeric)`,
    );
  return stored;
}
