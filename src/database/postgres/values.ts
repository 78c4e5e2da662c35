import type { Value } from '../../change/value.ts';
import { canonicalBits, canonicalUuid, uuidOfBytes, bytesOfUuid } from '../../pipeline/canonical-bytes.ts';
import { canonicalArrayText, canonicalJson } from '../../pipeline/canonical-json.ts';
import {
  canonicalDecimal,
  canonicalDouble,
  canonicalInteger,
  canonicalReal,
} from '../../pipeline/canonical-number.ts';
import {
  canonicalDate,
  canonicalTime,
  canonicalTimestamp,
  canonicalTimestamptz,
  isInfinity,
} from '../../pipeline/canonical-time.ts';
import type { ColumnKind } from '../../pipeline/columns.ts';
import { refusal } from '../../pipeline/refusal.ts';
import type { CompiledColumn } from '../../pipeline/route.ts';
import type { ColumnDescription } from '../contract.ts';
import { arrayLiteral } from './array-literal.ts';

/**
 * The parameter that writes a canonical value: text (or bytes) whose type the server infers from the column, so
 * `insert … values ($1)`, `set column = $1` and `where column = $1` need no cast. The session must be in UTC.
 */
export function toParameter(
  column: CompiledColumn,
  value: Value,
  live: ColumnDescription | undefined,
): string | Buffer | null {
  if (value === null) return null;
  if (typeof value === 'boolean')
    return live !== undefined && isNumber(live.type) ? (value ? '1' : '0') : String(value);
  switch (column.kind) {
    case 'bytes':
      return Buffer.from(value, 'base64');
    case 'bits':
      return live?.type === 'bit' ? value.padStart(live.maxLength ?? 1, '0') : value;
    case 'uuid':
      return live?.type === 'bytea' ? bytesOfUuid(value) : value;
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return isInfinity(value) ? value : postgresYear(value);
    case 'array':
      return arrayLiteral(value);
    default:
      return value;
  }
}

/**
 * SQL that reads the column as text from which `fromDriver` makes the canonical value, independent of the driver's
 * type parsers. The session must be in UTC with `DateStyle` ISO, `bytea_output` hex, `extra_float_digits` at least 1.
 */
export function selectExpression(column: CompiledColumn): string {
  const name = `"${column.name.replaceAll('"', '""')}"`;
  switch (column.kind) {
    case 'decimal':
      return `${name}::numeric::text`;
    case 'array':
      return `to_json(${name})::text`;
    case 'text':
      // As the type's own output has it, and the log: a cast takes blanks from character(n), and adds a mask to inet.
      return `CASE WHEN ${name} IS NOT NULL THEN format('%s', ${name}) END`;
    default:
      return `${name}::text`;
  }
}

/** The canonical value of what `selectExpression` read. Throws `data` naming the column where the kind does not fit. */
export function fromDriver(column: CompiledColumn, raw: unknown): Value {
  if (raw === null || raw === undefined) return null;
  const value = typeof raw === 'string' ? readers[column.kind](raw) : undefined;
  if (value === undefined) throw refusal(column.name, `the stored value is not of kind ${column.kind}`);
  return value;
}

const readers: Record<ColumnKind, (text: string) => Value | undefined> = {
  integer: canonicalInteger,
  decimal: canonicalDecimal,
  double: canonicalDouble,
  real: canonicalReal,
  boolean: (text) => booleans[text],
  text: (text) => text,
  bytes: (text) =>
    text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex').toString('base64') : undefined,
  bits: canonicalBits,
  uuid: (text) =>
    text.startsWith('\\x') ? uuidOfBytes(Buffer.from(text.slice(2), 'hex')) : canonicalUuid(text),
  date: canonicalDate,
  time: canonicalTime,
  timestamp: canonicalTimestamp,
  timestamptz: canonicalTimestamptz,
  json: canonicalJson,
  array: canonicalArrayText,
};

const booleans: Record<string, boolean | undefined> = { true: true, false: false, '1': true, '0': false };

const isNumber = (type: string): boolean => ['smallint', 'integer', 'bigint', 'numeric'].includes(type);

/** PostgreSQL writes years without a sign and marks those before the common era. */
function postgresYear(text: string): string {
  const match = /^([+-]?)(\d+)(-.*)$/.exec(text);
  if (!match) return text;
  const [, sign, digits = '', rest = ''] = match;
  const year = sign === '-' ? -Number(digits) : Number(digits);
  return year > 0
    ? `${String(year).padStart(4, '0')}${rest}`
    : `${String(1 - year).padStart(4, '0')}${rest} BC`;
}
