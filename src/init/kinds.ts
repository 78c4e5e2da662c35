import type { ColumnDescription } from '../database/contract.ts';
import type { ColumnKind } from '../pipeline/columns.ts';
import type { Engine } from '../pipeline/define.ts';

const integers = ['smallint', 'integer', 'bigint', 'tinyint', 'mediumint', 'int', 'year'];
const texts = ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set'];

const postgres: Readonly<Record<string, ColumnKind>> = {
  numeric: 'decimal',
  'double precision': 'double',
  real: 'real',
  boolean: 'boolean',
  bytea: 'bytes',
  bit: 'bits',
  uuid: 'uuid',
  date: 'date',
  'time without time zone': 'time',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  json: 'json',
  jsonb: 'json',
  text: 'text',
  'character varying': 'text',
  character: 'text',
  citext: 'text',
  inet: 'text',
  cidr: 'text',
  macaddr: 'text',
};

const mysql: Readonly<Record<string, ColumnKind>> = {
  decimal: 'decimal',
  double: 'double',
  float: 'real',
  bit: 'bits',
  binary: 'bytes',
  varbinary: 'bytes',
  tinyblob: 'bytes',
  blob: 'bytes',
  mediumblob: 'bytes',
  longblob: 'bytes',
  date: 'date',
  time: 'time',
  datetime: 'timestamp',
  timestamp: 'timestamptz',
  json: 'json',
  ...Object.fromEntries(texts.map((type) => [type, 'text' as const])),
};

/** The kind a column's type is by itself; null where Tandem carries no such values both ways. */
export function kindOf(engine: Engine, { type, labels }: ColumnDescription): ColumnKind | null {
  const base = engine === 'mysql' ? type.replace(/ unsigned$/, '') : type;
  if (integers.includes(base)) return 'integer';
  if (engine === 'mysql') return mysql[base] ?? null;
  if (type.endsWith('[]')) return 'array';
  return labels === null ? (postgres[type] ?? null) : 'text';
}

/** Of two kinds that both columns could be, the one that loses less. */
export const preference: readonly ColumnKind[] = [
  'boolean',
  'decimal',
  'double',
  'real',
  'integer',
  'uuid',
  'bits',
  'bytes',
  'date',
  'time',
  'timestamptz',
  'timestamp',
  'json',
  'array',
  'text',
];
