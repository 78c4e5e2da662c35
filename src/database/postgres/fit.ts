import type { Value } from '../../change/value.ts';
import { jsonNumbers } from '../../pipeline/canonical-json.ts';
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

/**
 * Throws `data`, naming column and reason but never the value, for every value that the column would refuse or
 * change. What passes is read back equal, but for the blanks that fill up a `character(n)`.
 * Not judged here, since PostgreSQL itself refuses and never changes them: the elements of arrays, and text in a
 * column of a type of its own (inet, interval, ranges, xml).
 */
export const assertFits = (column: CompiledColumn, value: Value, live: ColumnDescription): void =>
  assertNoMisfit(misfits, column, value, live);

const textMisfit = (value: string, live: ColumnDescription): Misfit => {
  if (live.labels !== null && !live.labels.includes(value))
    return `text is none of the labels of ${live.type}`;
  if (value.includes('\0')) return 'text with a NUL character, which PostgreSQL cannot hold';
  return (
    surrogateMisfit(value) ?? lengthMisfit(live.type === 'character' ? value.replace(/ +$/, '') : value, live)
  );
};

const misfits: Misfits = {
  integer: (value, live) => integerColumn(value, live) ?? decimalMisfit(value, live),
  decimal: (value, live) => {
    if (!Number.isNaN(Number(value)) && !/^-?Infinity$/.test(value)) {
      if (ranges[live.type] && value.includes('.')) return `a number with decimals in ${live.type}`;
      return integerColumn(value, live) ?? decimalMisfit(value, live) ?? hugeMisfit(value);
    }
    const bounded = live.type !== 'numeric' || (live.precision !== null && value !== 'NaN');
    return bounded ? `${value === 'NaN' ? 'NaN' : 'an infinity'} in ${typeText(live)}` : undefined;
  },
  double: (value, live) => {
    if (live.type === 'real' && canonicalReal(value) !== value)
      return 'a 64-bit float that a real would round';
    if (live.type !== 'numeric') return undefined;
    return Number.isFinite(Number(value)) ? floatInDecimalMisfit(value, live) : misfits.decimal(value, live);
  },
  real: (value, live) => misfits.double(value, live),
  boolean: () => undefined,
  text: textMisfit,
  bytes: () => undefined,
  bits: (value, live) =>
    live.maxLength !== null && value.length > live.maxLength
      ? `${value.length} bits are more than ${typeText(live)} holds`
      : undefined,
  uuid: (value, live) => (live.type === 'bytea' ? undefined : lengthMisfit(value, live)),
  date: (value) => dayMisfit(value, 5_874_897),
  time: (value, live) =>
    !/^([01]\d|2[0-3]):|^24:00:00$/.test(value)
      ? 'a time outside 00:00:00 to 24:00:00'
      : fractionMisfit(value, live),
  timestamp: (value, live) => dayMisfit(value, 294_276) ?? fractionMisfit(value, live),
  timestamptz: (value, live) => dayMisfit(value, 294_276) ?? fractionMisfit(value, live),
  json: (value, live) => {
    if (live.type === 'json') return undefined;
    if (live.type !== 'jsonb') return textMisfit(value, live);
    if (escaped(value, '\\\\u0000')) return 'JSON with a NUL character, which jsonb cannot hold';
    if (escaped(value, '\\\\ud[89a-f]')) return 'JSON with half of a surrogate pair, which jsonb cannot hold';
    return jsonNumbers(value).map(hugeMisfit).find(Boolean);
  },
  array: (value) =>
    escaped(value, '\\\\u0000') ? 'text with a NUL character, which PostgreSQL cannot hold' : undefined,
};

const ranges: Record<string, readonly [bigint, bigint]> = {
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};

function integerColumn(value: string, live: ColumnDescription): Misfit {
  const range = ranges[live.type];
  return range && integerMisfit(value, range, live.type);
}

/** Limits of an unbounded numeric. */
function hugeMisfit(value: string): Misfit {
  const [whole = '', fraction = ''] = value.replace('-', '').split('.');
  return whole.length > 131_072 || fraction.length > 16_383
    ? 'a number longer than numeric can hold'
    : undefined;
}

/** The earliest day is 24 November 4714 BC for every type; the last differs. */
function dayMisfit(value: string, lastYear: number): Misfit {
  if (isInfinity(value)) return undefined;
  const parts = timeParts(value);
  if (!parts) return 'not a date';
  if (isNoDay(value)) return 'a zero date, or a day that is in no calendar';
  const { year, month, day } = parts;
  const early = year < -4713 || (year === -4713 && (month < 11 || (month === 11 && day < 24)));
  return early || year > lastYear ? `a date outside 4714-11-24 BC to ${lastYear}-12-31` : undefined;
}

/** Whether JSON text holds the escape, not preceded by a backslash that is itself escaped. */
function escaped(json: string, escape: string): boolean {
  return new RegExp(String.raw`(?<!\\)(?:\\\\)*${escape}`, 'i').test(json);
}
