import sql from 'sql-template-tag';
import type { CompiledTable } from '../../pipeline/route.ts';
import type { UniqueIndex } from '../contract.ts';
import type { Session } from '../session.ts';

/** The unique indexes over whole columns; those over expressions or prefixes are left out. */
export async function uniqueIndexes(
  session: Session,
  table: Pick<CompiledTable, 'schema' | 'name'>,
): Promise<UniqueIndex[]> {
  const { rows } = await session.query(sql`
    SELECT index_name AS name, column_name AS column_name, sub_part IS NOT NULL AS is_prefix
    FROM information_schema.statistics
    WHERE table_schema = coalesce(${table.schema}, database()) AND table_name = ${table.name} AND non_unique = 0
    ORDER BY index_name = 'PRIMARY' DESC, index_name, seq_in_index`);
  const columns = new Map<string, (string | null)[]>();
  for (const row of rows) {
    const name = row['name'] as string;
    const column = Number(row['is_prefix']) === 1 ? null : (row['column_name'] as string | null);
    columns.set(name, [...(columns.get(name) ?? []), column]);
  }
  return [...columns].flatMap(([name, found]) => {
    const plain = found.filter((column) => column !== null);
    return plain.length === found.length
      ? [{ name, columns: plain, predicate: null, nullsDistinct: true }]
      : [];
  });
}
