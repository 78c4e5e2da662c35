import sql from 'sql-template-tag';
import type { CompiledTable } from '../../pipeline/route.ts';
import type { ColumnDescription, TableDescription } from '../contract.ts';
import type { Session } from '../session.ts';

/** Domains are read as the type below them, with its limits; the catalogue shows every column, granted or not. */
const columns = (schema: string, table: string) => sql`
  WITH RECURSIVE attribute AS (
    SELECT a.attnum, a.attname, a.attnotnull, a.atthasdef OR a.attidentity <> '' AS has_default,
      a.atttypid AS type, a.atttypmod AS modifier
    FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ${schema} AND c.relname = ${table} AND c.relkind IN ('r', 'p', 'v', 'f')
      AND a.attnum > 0 AND NOT a.attisdropped
  ), resolved AS (
    SELECT * FROM attribute
    UNION ALL
    SELECT r.attnum, r.attname, r.attnotnull OR t.typnotnull, r.has_default OR t.typdefault IS NOT NULL,
      t.typbasetype, CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE r.modifier END
    FROM resolved r JOIN pg_type t ON t.oid = r.type AND t.typtype = 'd'
  )
  SELECT r.attname::text AS name, format_type(t.oid, NULL) AS type, r.attnotnull AS not_null, r.has_default,
    r.modifier::text AS modifier, t.typtype::text AS kind,
    CASE WHEN t.typtype = 'e' THEN (
      SELECT json_agg(enumlabel ORDER BY enumsortorder)::text FROM pg_enum WHERE enumtypid = t.oid
    ) END AS labels
  FROM resolved r JOIN pg_type t ON t.oid = r.type AND t.typtype <> 'd'
  ORDER BY r.attnum`;

interface ColumnRow {
  name: string;
  type: string;
  not_null: boolean;
  has_default: boolean;
  /** -1 without limits. */
  modifier: string;
  labels: string | null;
}

/** The live columns by name; empty where the table does not exist. */
export async function introspect(
  session: Session,
  table: Pick<CompiledTable, 'schema' | 'name'>,
): Promise<TableDescription> {
  const { rows } = await session.query(columns(table.schema ?? 'public', table.name));
  const described = (rows as unknown as ColumnRow[]).map(describe);
  return new Map(described.map((column) => [column.name, column]));
}

function describe({ name, type, not_null, has_default, modifier, labels }: ColumnRow): ColumnDescription {
  const limit = Number(modifier);
  const text = type === 'character varying' || type === 'character';
  const numeric = type === 'numeric' && limit >= 0;
  return {
    name,
    type,
    nullable: !not_null,
    hasDefault: has_default,
    maxLength: limit < 0 ? null : text ? limit - header : type.startsWith('bit') ? limit : null,
    lengthUnit: text ? 'character' : null,
    precision: numeric ? ((limit - header) >> 16) & 0xffff : null,
    scale: numeric ? signed11((limit - header) & 0x7ff) : null,
    unsigned: false,
    fraction: /^(time|timestamp)\b/.test(type) ? (limit >= 0 ? limit : 6) : null,
    labels: labels === null ? null : (JSON.parse(labels) as string[]),
  };
}

/** Bytes PostgreSQL counts into the modifier of text and numeric types. */
const header = 4;

/** Since PostgreSQL 15 a scale may be negative. */
const signed11 = (value: number): number => (value ^ 1024) - 1024;
