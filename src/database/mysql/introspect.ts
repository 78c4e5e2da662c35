import sql from 'sql-template-tag';
import type { CompiledTable } from '../../pipeline/route.ts';
import type { ColumnDescription, TableDescription } from '../contract.ts';
import type { Session } from '../session.ts';

const columns = (schema: string | null, table: string) => sql`
  SELECT column_name AS name, data_type AS type, column_type AS full_type, is_nullable AS nullable,
    column_default IS NOT NULL OR extra LIKE '%auto_increment%' OR extra LIKE '%GENERATED%' AS has_default,
    CAST(character_maximum_length AS CHAR) AS length, numeric_precision AS numeric_precision,
    numeric_scale AS numeric_scale, datetime_precision AS fraction
  FROM information_schema.columns
  WHERE table_schema = coalesce(${schema}, database()) AND table_name = ${table}
  ORDER BY ordinal_position`;

interface ColumnRow {
  name: string;
  type: string;
  full_type: string;
  nullable: 'YES' | 'NO';
  has_default: number;
  length: string | null;
  numeric_precision: string | number | null;
  numeric_scale: string | number | null;
  fraction: string | number | null;
}

/** The live columns by name; empty where the table does not exist or the role has no privilege on it. */
export async function introspect(
  session: Session,
  table: Pick<CompiledTable, 'schema' | 'name'>,
): Promise<TableDescription> {
  const { rows } = await session.query(columns(table.schema, table.name));
  const described = (rows as unknown as ColumnRow[]).map(describe);
  return new Map(described.map((column) => [column.name, column]));
}

function describe(row: ColumnRow): ColumnDescription {
  const type = row.type.toLowerCase();
  const unsigned = / unsigned\b/.test(row.full_type);
  const labelled = type === 'enum' || type === 'set';
  const limited = characters.has(type) || bytes.has(type);
  return {
    name: row.name,
    type: unsigned ? `${type} unsigned` : type,
    nullable: row.nullable === 'YES',
    hasDefault: Boolean(row.has_default),
    maxLength: limited ? Number(row.length) : null,
    lengthUnit: characters.has(type) ? 'character' : bytes.has(type) ? 'byte' : null,
    precision: type === 'decimal' || type === 'bit' ? Number(row.numeric_precision) : null,
    scale: type === 'decimal' ? Number(row.numeric_scale) : null,
    unsigned,
    fraction: row.fraction === null ? null : Number(row.fraction),
    labels: labelled ? labelsOf(row.full_type) : null,
  };
}

const characters = new Set(['char', 'varchar']);
/** A text type's limit counts bytes, whatever its encoding. */
const bytes = new Set([
  'tinytext',
  'text',
  'mediumtext',
  'longtext',
  'binary',
  'varbinary',
  'tinyblob',
  'blob',
  'mediumblob',
  'longblob',
]);

/** The labels in `enum('a','it''s')`. */
const labelsOf = (type: string): string[] =>
  [...type.matchAll(/'((?:[^']|'')*)'/g)].map(([, label]) => label!.replaceAll("''", "'"));
