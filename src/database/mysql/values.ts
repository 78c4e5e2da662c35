import type { Value } from '../../change/value.ts';
import { bytesOfUuid, canonicalBits, canonicalUuid, uuidOfBytes } from '../../pipeline/canonical-bytes.ts';
import { canonicalArrayText, canonicalJson } from '../../pipeline/canonical-json.ts';
import {
  canonicalDecimal,
  canonicalDouble,
  canonicalInteger,
  canonicalReal,
  doubleText,
} from '../../pipeline/canonical-number.ts';
import { canonicalDate, canonicalTime, canonicalTimestamp } from '../../pipeline/canonical-time.ts';
import type { ColumnKind } from '../../pipeline/columns.ts';
import { refusal } from '../../pipeline/refusal.ts';
import type { CompiledColumn } from '../../pipeline/route.ts';
import type { ColumnDescription } from '../contract.ts';

/**
 * The parameter that writes a canonical value: text, bytes or null, never a JavaScript number or Date. Send it by
 * `execute` (a prepared statement): text then reaches the server as it is, whatever `sql_mode` says of backslashes.
 * The session must be in UTC and in a strict `sql_mode`.
 */
export function toParameter(
  column: CompiledColumn,
  value: Value,
  live: ColumnDescription | undefined,
): string | Buffer | null {
  if (value === null) return null;
  if (typeof value === 'boolean') {
    if (live?.type.startsWith('bit')) return Buffer.from([value ? 1 : 0]);
    return value ? '1' : '0';
  }
  switch (column.kind) {
    case 'integer':
      // As text, `0` would be the year 2000.
      return live?.type === 'year' ? value.padStart(4, '0') : value;
    case 'bytes':
      return Buffer.from(value, 'base64');
    case 'bits':
      return Buffer.from(BigInt(`0b${value}`).toString(16).padStart(16, '0'), 'hex');
    case 'uuid':
      return live !== undefined && /^(var)?binary/.test(live.type) ? bytesOfUuid(value) : value;
    case 'timestamp':
    case 'timestamptz':
      return value.replace('T', ' ').replace(/Z$/, '');
    default:
      return value;
  }
}

/**
 * SQL that reads the column in a form from which `fromDriver` makes the canonical value, the same by `query` and by
 * `execute`. The connection runs with `supportBigNumbers`, `bigNumberStrings` and `dateStrings`, in UTC.
 */
export function selectExpression(column: CompiledColumn): string {
  const name = `\`${column.name.replaceAll('`', '``')}\``;
  switch (column.kind) {
    case 'real':
      // As FLOAT the text protocol would give six digits.
      return `cast(${name} as double)`;
    case 'bits':
      return `bin(${name} + 0)`;
    case 'json':
    case 'array':
      return `cast(${name} as char character set utf8mb4)`;
    default:
      return name;
  }
}

/** The canonical value of what `selectExpression` read. Throws `data` naming the column where the kind does not fit. */
export function fromDriver(column: CompiledColumn, raw: unknown): Value {
  if (raw === null || raw === undefined) return null;
  const value = readers[column.kind](Buffer.isBuffer(raw) || typeof raw !== 'number' ? raw : doubleText(raw));
  if (value === undefined) throw refusal(column.name, `the stored value is not of kind ${column.kind}`);
  return value;
}

type Reader = (raw: unknown) => Value | undefined;

const fromText =
  (canonical: (text: string) => Value | undefined): Reader =>
  (raw) =>
    typeof raw === 'string' ? canonical(raw) : undefined;

const readers: Record<ColumnKind, Reader> = {
  integer: fromText(canonicalInteger),
  decimal: fromText(canonicalDecimal),
  double: fromText(canonicalDouble),
  real: fromText(canonicalReal),
  boolean: (raw) => booleans[Buffer.isBuffer(raw) ? raw.toString('hex') : String(raw)],
  text: fromText((text) => text),
  bytes: (raw) => (Buffer.isBuffer(raw) ? raw.toString('base64') : undefined),
  bits: fromText(canonicalBits),
  uuid: (raw) => (Buffer.isBuffer(raw) ? uuidOfBytes(raw) : fromText(canonicalUuid)(raw)),
  date: fromText(canonicalDate),
  time: fromText(canonicalTime),
  timestamp: fromText(canonicalTimestamp),
  timestamptz: fromText((text) => {
    const wall = canonicalTimestamp(text);
    return wall === undefined ? undefined : `${wall}Z`;
  }),
  json: fromText(canonicalJson),
  array: fromText(canonicalArrayText),
};

const booleans: Record<string, boolean | undefined> = { '1': true, '0': false, '01': true, '00': false };
