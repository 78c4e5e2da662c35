import type { Value } from '../../change/value.ts';
import { canonicalReal } from '../../pipeline/canonical-number.ts';
import { isInfinity, timeParts } from '../../pipeline/canonical-time.ts';
import type { CompiledColumn } from '../../pipeline/route.ts';
import type { ColumnDescription } from '../contract.ts';
import {
  assertNoMisfit,
  decimalMisfit,
  floatInDecimalMisfit,
  fractionMisfit,
  integerMisfit,
  isNoDay,
  lengthMisfit,
  surrogateMisfit,
  typeText,
  type Misfit,
  type Misfits,
} from '../fit.ts';
import { jsonMisfit } from './fit-json.ts';

/**
 * Throws `data`, naming column and reason but never the value, for every value that the column would refuse or
 * change. What passes is read back equal, but for blanks at the end of a `char(n)`, where they are no data.
 * Not judged here, since its encoding is not described: text in a column that is not utf8mb4 (the server refuses it).
 * The session must be strict and allow zero dates.
 */
export const assertFits = (column: CompiledColumn, value: Value, live: ColumnDescription): void =>
  assertNoMisfit(misfits, column, value, live);

const textMisfit = (value: string, live: ColumnDescription): Misfit =>
  surrogateMisfit(value) ??
  labelMisfit(value, live) ??
  lengthMisfit(live.type === 'char' ? value.replace(/ +$/, '') : value, live);

const misfits: Misfits = {
  integer: (value, live) => integerColumn(value, live) ?? numericMisfit(value, live),
  decimal: (value, live) => {
    if (!Number.isFinite(Number(value)) && /[a-z]/i.test(value)) return `NaN or an infinity in ${live.type}`;
    if (ranges[live.type] && value.includes('.')) return `a number with decimals in ${live.type}`;
    return integerColumn(value, live) ?? numericMisfit(value, live);
  },
  double: (value, live) => {
    if (!Number.isFinite(Number(value))) return `NaN or an infinity in ${live.type}`;
    if (base(live) === 'float' && canonicalReal(value) !== value)
      return 'a 64-bit float that a float would round';
    if (base(live) === 'decimal') return floatInDecimalMisfit(value, live) ?? negativeMisfit(value, live);
    return negativeMisfit(value, live);
  },
  real: (value, live) => misfits.double(value, live),
  boolean: () => undefined,
  text: textMisfit,
  bytes: (value, live) => {
    const length = Buffer.byteLength(value, 'base64');
    if (live.maxLength !== null && length > live.maxLength)
      return `${length} bytes are more than ${typeText(live)} holds`;
    return live.type === 'binary' && length !== live.maxLength
      ? `${length} bytes, which ${typeText(live)} would fill up with zeros`
      : undefined;
  },
  bits: (value, live) =>
    live.precision !== null && value.length > live.precision
      ? `${value.length} bits are more than ${typeText(live)} holds`
      : undefined,
  uuid: (value, live) => {
    if (live.type !== 'binary' && live.type !== 'varbinary') return lengthMisfit(value, live);
    const fits = live.type === 'binary' ? live.maxLength === 16 : (live.maxLength ?? 0) >= 16;
    return fits ? undefined : `a UUID of 16 bytes in ${typeText(live)}`;
  },
  date: (value) => dayMisfit(value),
  time: (value, live) =>
    Number(/^-?(\d+)/.exec(value)?.[1]) > 838 || /^-?838:59:59\.\d/.test(value)
      ? 'a time outside -838:59:59 to 838:59:59'
      : fractionMisfit(value, live),
  timestamp: (value, live) => instantMisfit(value, live),
  timestamptz: (value, live) => instantMisfit(value, live),
  json: (value, live) => (live.type === 'json' ? jsonMisfit(value) : textMisfit(value, live)),
  array: (value, live) => (live.type === 'json' ? jsonMisfit(value) : textMisfit(value, live)),
};

const unsigned = (bits: bigint): readonly [bigint, bigint] => [0n, 2n ** bits - 1n];
const signed = (bits: bigint): readonly [bigint, bigint] => [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];

const ranges: Record<string, readonly [bigint, bigint]> = {
  tinyint: signed(8n),
  smallint: signed(16n),
  mediumint: signed(24n),
  int: signed(32n),
  bigint: signed(64n),
  'tinyint unsigned': unsigned(8n),
  'smallint unsigned': unsigned(16n),
  'mediumint unsigned': unsigned(24n),
  'int unsigned': unsigned(32n),
  'bigint unsigned': unsigned(64n),
};

const base = (live: ColumnDescription): string => live.type.split(' ')[0] ?? '';

function integerColumn(value: string, live: ColumnDescription): Misfit {
  const range = ranges[live.type];
  if (range) return integerMisfit(value, range, live.type);
  if (live.type === 'year') return value === '0' ? undefined : integerMisfit(value, [1901n, 2155n], 'year');
  return undefined;
}

function numericMisfit(value: string, live: ColumnDescription): Misfit {
  return base(live) === 'decimal' ? (decimalMisfit(value, live) ?? negativeMisfit(value, live)) : undefined;
}

function negativeMisfit(value: string, live: ColumnDescription): Misfit {
  return live.unsigned && value.startsWith('-') ? `a negative number in ${live.type}` : undefined;
}

/** The labels are compared exactly: MySQL would take other case, or a number as the label's place. */
function labelMisfit(value: string, { labels, type }: ColumnDescription): Misfit {
  if (labels === null) return undefined;
  if (type !== 'set') return labels.includes(value) ? undefined : `text is none of the labels of ${type}`;
  const places = value === '' ? [] : value.split(',').map((label) => labels.indexOf(label));
  if (places.includes(-1)) return 'text holds what is none of the labels of set';
  return places.every((place, at) => at === 0 || place > places[at - 1]!)
    ? undefined
    : 'the labels of a set are not in its order, or not once';
}

function dayMisfit(value: string): Misfit {
  if (isInfinity(value)) return 'an infinite date';
  const parts = timeParts(value);
  if (!parts) return 'not a date';
  const { year, month, day } = parts;
  const zero = month === 0 || day === 0;
  if (zero && year >= 0 && year <= 9999) return undefined;
  if (isNoDay(value)) return 'a day that is in no calendar';
  return year < 1000 || year > 9999 ? 'a date outside 1000-01-01 to 9999-12-31' : undefined;
}

function instantMisfit(value: string, live: ColumnDescription): Misfit {
  const reason = dayMisfit(value) ?? fractionMisfit(value, live);
  if (reason !== undefined || live.type !== 'timestamp' || value.startsWith('0000-00-00T00:00:00'))
    return reason;
  return value < '1970-01-01T00:00:01' || value >= '2038-01-19T03:14:08'
    ? 'a time outside 1970-01-01 00:00:01 to 2038-01-19 03:14:07 UTC, the range of timestamp'
    : undefined;
}
