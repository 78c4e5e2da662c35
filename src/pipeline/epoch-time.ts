import { canonicalTime } from './canonical-time.ts';

/** Canonical texts of times that travel as a count since the epoch (connector setting `time.precision.mode=microseconds`). */

const microsecondsInDay = 86_400_000_000n;
/** 24 November 4714 BC, PostgreSQL's first day. */
const firstDay = -2_440_588n;
const lastDay = 2_145_042_905n;

/** Days since 1970-01-01, negative before. */
export function dateOfDays(days: string): string | undefined {
  const infinity = infiniteDays[days];
  if (infinity !== undefined) return infinity;
  const count = BigInt(days);
  return count < firstDay || count > lastDay ? undefined : civil(count);
}

/** Microseconds since midnight; MySQL's may be negative or past a day. */
export function timeOfMicroseconds(text: string): string | undefined {
  const negative = text.startsWith('-');
  const total = BigInt(negative ? text.slice(1) : text);
  const seconds = total / 1_000_000n;
  const parts = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map((part) =>
    String(part).padStart(2, '0'),
  );
  const fraction = String(total % 1_000_000n).padStart(6, '0');
  return canonicalTime(`${negative ? '-' : ''}${parts.join(':')}.${fraction}`);
}

/** Microseconds since 1970-01-01T00:00:00 of a wall clock. */
export function timestampOfMicroseconds(text: string): string | undefined {
  if (text === '9223372036854775807') return 'infinity';
  if (text === '-9223372036854775808') return '-infinity';
  const total = BigInt(text);
  const inDay = ((total % microsecondsInDay) + microsecondsInDay) % microsecondsInDay;
  const days = (total - inDay) / microsecondsInDay;
  // Debezium gives numbers below PostgreSQL's first day where the true one overflows (past the year 294246).
  if (days < firstDay) return undefined;
  const time = timeOfMicroseconds(String(inDay));
  return time === undefined ? undefined : `${civil(days)}T${time}`;
}

/** What Debezium 3.7 makes of PostgreSQL's infinite dates, from the log and from a snapshot; no real day. */
const infiniteDays: Record<string, string | undefined> = {
  '2146033979': 'infinity',
  '-622191234': 'infinity',
  '-2147472691': '-infinity',
  '-625821272': '-infinity',
};

/** Day of the proleptic Gregorian calendar; after Howard Hinnant's `civil_from_days`. */
function civil(days: bigint): string {
  const shifted = days + 719_468n;
  const era = (shifted >= 0n ? shifted : shifted - 146_096n) / 146_097n;
  const dayOfEra = shifted - era * 146_097n;
  const yearOfEra = (dayOfEra - dayOfEra / 1460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const shiftedMonth = (5n * dayOfYear + 2n) / 153n;
  const day = dayOfYear - (153n * shiftedMonth + 2n) / 5n + 1n;
  const month = shiftedMonth < 10n ? shiftedMonth + 3n : shiftedMonth - 9n;
  const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n);
  const digits = String(year < 0n ? -year : year).padStart(4, '0');
  return `${year < 0n ? '-' : year > 9999n ? '+' : ''}${digits}-${pad(month)}-${pad(day)}`;
}

const pad = (number: bigint): string => String(number).padStart(2, '0');
