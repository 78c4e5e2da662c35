import sql, { join, raw } from 'sql-template-tag';
import type { Sql } from 'sql-template-tag';
import { keyText } from '../change/key.ts';
import type { Row } from '../change/value.ts';
import type { CompiledTable } from '../pipeline/route.ts';
import type { Holder, TableDescription, UniqueIndex } from './contract.ts';
import type { Dialect } from './dialect.ts';
import { readRows } from './read-row.ts';
import type { Session } from './session.ts';
import { declaredColumn, liveColumn } from './table-sql.ts';

interface Wanted {
  description: TableDescription;
  unique: readonly UniqueIndex[];
  values: Row;
  except: string | null;
}

/** See `Reader.findHolders`. */
export async function findHolders(
  dialect: Dialect,
  session: Session,
  table: CompiledTable,
  { description, unique, values, except }: Wanted,
): Promise<Holder[]> {
  const holders: Holder[] = [];
  for (const index of unique) {
    const condition = holding(dialect, table, description, index, values);
    if (condition === null) continue;
    for (const row of await readRows(dialect, session, table, { condition, lock: false, description })) {
      const key = keyText(table.key.map((name) => row.values[name] ?? null));
      if (key !== except) holders.push({ key, row, index });
    }
  }
  return holders;
}

/** Null where the index cannot say who holds the values, or nobody can. */
function holding(
  dialect: Dialect,
  table: CompiledTable,
  description: TableDescription,
  { columns, predicate }: UniqueIndex,
  values: Row,
): Sql | null {
  const conditions: Sql[] = [];
  for (const name of columns) {
    const value = values[name];
    if (value === undefined || value === null || !table.columns.has(name)) return null;
    const live = liveColumn(table, description, name);
    const parameter = dialect.toParameter(declaredColumn(table, name), value, live);
    conditions.push(sql`${dialect.identifier(name)} = ${parameter}`);
  }
  if (predicate !== null) conditions.push(raw(`(${predicate})`));
  return join(conditions, ' AND ');
}
