import sql, { join } from 'sql-template-tag';
import { keyText } from '../../change/key.ts';
import type { Row } from '../../change/value.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { CompiledTable } from '../../pipeline/route.ts';
import type { RowMarks, TableDescription } from '../contract.ts';
import type { Ledger } from '../ledger.ts';
import type { Session, StatementResult } from '../session.ts';
import { keyRow, tableName } from '../table-sql.ts';
import { assignments, notTaken } from '../write-row.ts';
import { dialect } from './dialect.ts';

/** Inserts and returns the key; InnoDB raises AUTO_INCREMENT over a key that was given by itself. */
export async function insertRow(
  _ledger: Ledger,
  session: Session,
  table: CompiledTable,
  description: TableDescription,
  { key, values, marks }: { key: string | null; values: Row; marks: RowMarks },
): Promise<string> {
  const given = key === null ? values : { ...values, ...keyRow(table, key) };
  const set = assignments(dialect, table, description, given, marks);
  const columns = set.map(({ column }) => column);
  const parameters = set.map(({ parameter }) => parameter);
  const list = (items: readonly unknown[]) => (items.length === 0 ? sql`()` : join(items, ',', '(', ')'));
  const result = await session.query(
    sql`INSERT INTO ${tableName(dialect, table)} ${list(columns)} VALUES ${list(parameters)}`,
  );
  if (result.affected !== 1) throw notTaken(table, 'insert');
  return key ?? generatedKey(table, description, values, result);
}

/** The key's columns that were given, and the one AUTO_INCREMENT made. */
function generatedKey(
  table: CompiledTable,
  description: TableDescription,
  values: Row,
  result: StatementResult,
): string {
  const made = table.key.filter((name) => values[name] === undefined);
  if (made.length > 1 || (made.length === 1 && (result.generatedKey ?? '0') === '0'))
    throw new SyncError(
      'schema',
      `table ${table.name} makes no key of its own: give ${made.join(', ')} AUTO_INCREMENT or another key strategy`,
      { column: made[0] },
    );
  return keyText(
    table.key.map((name) => {
      if (values[name] !== undefined) return values[name];
      const generated = BigInt(result.generatedKey!);
      // The driver reads it as signed.
      return String(description.get(name)?.unsigned ? BigInt.asUintN(64, generated) : generated);
    }),
  );
}
