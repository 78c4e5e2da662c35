import sql from 'sql-template-tag';
import type { CompiledTable } from '../../pipeline/route.ts';
import type { UniqueIndex } from '../contract.ts';
import type { Session } from '../session.ts';

/** The unique indexes over plain columns; those over expressions are left out. */
export async function uniqueIndexes(
  session: Session,
  table: Pick<CompiledTable, 'schema' | 'name'>,
): Promise<UniqueIndex[]> {
  const { rows } = await session.query(sql`
    SELECT i.relname::text AS name, pg_get_expr(x.indpred, x.indrelid) AS predicate, x.indnullsnotdistinct AS nulls_clash,
      json_agg(a.attname ORDER BY k.place)::text AS columns
    FROM pg_index x
      JOIN pg_class c ON c.oid = x.indrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_class i ON i.oid = x.indexrelid
      CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, place)
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
    WHERE n.nspname = ${table.schema ?? 'public'} AND c.relname = ${table.name}
      AND x.indisunique AND x.indexprs IS NULL AND k.place <= x.indnkeyatts
    GROUP BY i.relname, x.indpred, x.indrelid, x.indisprimary, x.indnullsnotdistinct
    ORDER BY x.indisprimary DESC, i.relname`);
  return rows.map((row) => ({
    name: row['name'] as string,
    columns: JSON.parse(row['columns'] as string) as string[],
    predicate: row['predicate'] as string | null,
    nullsDistinct: row['nulls_clash'] !== true,
  }));
}
