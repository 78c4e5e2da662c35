import type { Value } from '../change/value.ts';
import { canonicalDecimal } from '../pipeline/canonical-number.ts';
import { timeParts } from '../pipeline/canonical-time.ts';
import type { ColumnKind } from '../pipeline/columns.ts';
import { refusal } from '../pipeline/refusal.ts';
import type { CompiledColumn } from '../pipeline/route.ts';
import type { ColumnDescription } from './contract.ts';

/** Checks both engines share: each gives the reason why a canonical value does not fit, or undefined. */
export type Misfit = string | undefined;

/** One check for each kind of column. */
export type Misfits = Readonly<Record<ColumnKind, (value: string, live: ColumnDescription) => Misfit>>;

/** Throws `data`, naming column and reason but never the value, where an engine's checks find one. */
export function assertNoMisfit(
  misfits: Misfits,
  column: CompiledColumn,
  value: Value,
  live: ColumnDescription,
): void {
  const reason = misfitOf(misfits, column.kind, value, live);
  if (reason !== undefined) throw refusal(column.name, reason);
}

function misfitOf(misfits: Misfits, kind: ColumnKind, value: Value, live: ColumnDescription): Misfit {
  if (value === null) return live.nullable ? undefined : 'null in a column that is not nullable';
  return typeof value === 'boolean' ? undefined : misfits[kind](value, live);
}

/** `varchar(32)`, `decimal(10,2)`, `bigint unsigned`: the type as a person would write it. */
export function typeText({ type, maxLength, precision, scale }: ColumnDescription): string {
  if (maxLength !== null) return `${type}(${maxLength})`;
  return precision === null ? type : `${type}(${precision}${scale === null ? '' : `,${scale}`})`;
}

export function integerMisfit(
  value: string,
  [least, greatest]: readonly [bigint, bigint],
  type: string,
): Misfit {
  const number = BigInt(value);
  return number < least || number > greatest ? `a number out of the range of ${type}` : undefined;
}

/** A finite decimal against precision and scale; the engines would round or refuse. A negative scale counts tens. */
export function decimalMisfit(value: string, live: ColumnDescription): Misfit {
  if (live.precision === null) return undefined;
  const scale = live.scale ?? 0;
  const [whole = '', fraction = ''] = value.replace('-', '').split('.');
  if (fraction.length > Math.max(scale, 0))
    return `a number of ${fraction.length} decimals is finer than ${typeText(live)}`;
  if (scale < 0 && !/^0$/.test(whole) && !whole.endsWith('0'.repeat(-scale)))
    return `a number is finer than ${typeText(live)}`;
  const digits = whole === '0' ? 0 : whole.length;
  return digits > live.precision - scale
    ? `a number of ${digits} digits before the point is too large for ${typeText(live)}`
    : undefined;
}

/** A 64-bit float in an exact column: as a decimal, which has no negative zero. */
export function floatInDecimalMisfit(value: string, live: ColumnDescription): Misfit {
  if (value === '-0') return `negative zero in ${typeText(live)}, which has none`;
  const decimal = canonicalDecimal(value);
  return decimal === undefined ? undefined : decimalMisfit(decimal, live);
}

/** Text against a limit in characters (code points) or bytes of UTF-8. */
export function lengthMisfit(value: string, live: ColumnDescription): Misfit {
  if (live.maxLength === null) return undefined;
  const [length, unit] =
    live.lengthUnit === 'byte' ? [Buffer.byteLength(value), 'bytes'] : [charactersOf(value), 'characters'];
  return length > live.maxLength ? `text of ${length} ${unit} is longer than ${typeText(live)}` : undefined;
}

/** Neither engine can hold half of a surrogate pair; it would be stored as a replacement character. */
export function surrogateMisfit(value: string): Misfit {
  return /\p{Surrogate}/u.test(value) ? 'text with half of a surrogate pair' : undefined;
}

/** The engines would round what the column does not keep. */
export function fractionMisfit(value: string, live: ColumnDescription): Misfit {
  const digits = /\.(\d+)/.exec(value)?.[1]?.length ?? 0;
  return live.fraction !== null && digits > live.fraction
    ? `a time with ${digits} digits of fractional seconds is finer than the ${live.fraction} of ${live.type}`
    : undefined;
}

/** True for a day that is in no calendar, zero parts included. */
export function isNoDay(value: string): boolean {
  const parts = timeParts(value);
  if (!parts) return false;
  const { year, month, day } = parts;
  return month < 1 || day < 1 || day > daysIn(year, month);
}

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function charactersOf(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) count += 1;
  return count;
}
