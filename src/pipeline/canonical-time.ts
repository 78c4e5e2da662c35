/**
 * Canonical texts of dates and times. Each function gives undefined for what is not of its form.
 * Years outside 0000..9999 carry a sign and count as ISO 8601 does (0000 is 1 BC); `infinity` and `-infinity` are
 * PostgreSQL's. MySQL's zero dates stay as they are (`0000-00-00`), so that a target can refuse them.
 */

const dateForm = /^([+-]?)(\d{4,7})-(\d\d)-(\d\d)$/;
const timeForm = /^(-?)(\d{2,3}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?$/;

export function canonicalDate(text: string): string | undefined {
  if (isInfinity(text)) return text;
  const era = text.endsWith(' BC');
  const match = dateForm.exec(era ? text.slice(0, -3) : text);
  if (!match) return undefined;
  const [, sign, digits, month = '', day = ''] = match;
  if (Number(month) > 12 || Number(day) > 31) return undefined;
  const year = (sign === '-' ? -1 : 1) * Number(digits);
  return `${yearText(era ? 1 - year : year)}-${month}-${day}`;
}

/** Hours go up to 838 and may be negative, as MySQL's TIME allows. */
export function canonicalTime(text: string): string | undefined {
  const match = timeForm.exec(text);
  if (!match) return undefined;
  const [, sign = '', hours = '', minutes = '', seconds = '00', fraction] = match;
  const short = fractionText(fraction);
  if (short === undefined || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const whole = `${String(Number(hours)).padStart(2, '0')}:${minutes}:${seconds}${short}`;
  return /[1-9]/.test(whole) ? sign + whole : whole;
}

/** Wall-clock time; a zone in the text is not of this form. */
export function canonicalTimestamp(text: string): string | undefined {
  if (isInfinity(text)) return text;
  const era = text.endsWith(' BC');
  const [day = '', clock, ...rest] = (era ? text.slice(0, -3) : text).split(/[T ]/);
  if (clock === undefined || rest.length > 0) return undefined;
  const date = canonicalDate(era ? `${day} BC` : day);
  const time = canonicalTime(clock);
  return date === undefined || time === undefined || time.length < 8 || !/^\d\d:/.test(time)
    ? undefined
    : `${date}T${time}`;
}

/** An instant; the text must be in UTC (`Z`, `+00`, `+00:00`). */
export function canonicalTimestamptz(text: string): string | undefined {
  if (isInfinity(text)) return text;
  const era = text.endsWith(' BC');
  const match = /^(.*\d)(?:Z|\+00(?::?00)?)$/.exec(era ? text.slice(0, -3) : text);
  if (!match) return undefined;
  const wall = canonicalTimestamp(`${match[1]}${era ? ' BC' : ''}`);
  return wall === undefined ? undefined : `${wall}Z`;
}

/** The parts of a canonical date, timestamp or timestamptz; undefined for the infinities. */
export function timeParts(
  canonical: string,
): { year: number; month: number; day: number; fraction: number; time: string } | undefined {
  const match = /^([+-]?\d{4,7})-(\d\d)-(\d\d)(?:T([\d:]+)(?:\.(\d+))?Z?)?$/.exec(canonical);
  if (!match) return undefined;
  const [, year, month, day, time = '', fraction = ''] = match;
  return { year: Number(year), month: Number(month), day: Number(day), fraction: fraction.length, time };
}

export function isInfinity(text: string): boolean {
  return text === 'infinity' || text === '-infinity';
}

function yearText(year: number): string {
  const digits = String(Math.abs(year)).padStart(4, '0');
  if (year < 0) return `-${digits}`;
  return year > 9999 ? `+${digits}` : digits;
}

/** Microseconds without trailing zeros; undefined where a digit past the sixth would be lost. */
function fractionText(digits: string | undefined): string | undefined {
  const short = (digits ?? '').replace(/0+$/, '');
  if (short.length > 6) return undefined;
  return short === '' ? '' : `.${short}`;
}
