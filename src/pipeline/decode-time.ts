import { canonicalDate, canonicalTime, canonicalTimestamp, canonicalTimestamptz } from './canonical-time.ts';
import { dateOfDays, timeOfMicroseconds, timestampOfMicroseconds } from './epoch-time.ts';

/**
 * Dates and times as the connectors write them: a number under `time.precision.mode=microseconds`, ISO 8601 text with
 * a `Z` that means nothing under `isostring`. Undefined for what is neither. `isostring` gives NULL for a MySQL TIME
 * that is negative or past a day, and 00:00 for PostgreSQL's 24:00, so `microseconds` is to be preferred.
 */

const isCount = (text: string): boolean => /^-?\d+$/.test(text);

export function wireDate(text: string): string | undefined {
  return isCount(text) ? dateOfDays(text) : (infinityOf(text) ?? canonicalDate(withoutZone(text)));
}

export function wireTime(text: string): string | undefined {
  return isCount(text) ? timeOfMicroseconds(text) : canonicalTime(withoutZone(text));
}

export function wireTimestamp(text: string): string | undefined {
  return isCount(text)
    ? timestampOfMicroseconds(text)
    : (infinityOf(text) ?? canonicalTimestamp(withoutZone(text)));
}

/** An instant is text in both modes. A DATETIME that is declared to hold UTC comes as a wall clock. */
export function wireTimestamptz(text: string): string | undefined {
  if (!isCount(text)) return infinityOf(text) ?? canonicalTimestamptz(text);
  const wall = timestampOfMicroseconds(text);
  return wall === undefined || wall.endsWith('infinity') ? wall : `${wall}Z`;
}

/** What Debezium 3.7 makes of PostgreSQL's infinite dates and timestamps; no year of either type. */
const infiniteYears: Record<string, string | undefined> = {
  '+5877611': 'infinity',
  '-5877611': '-infinity',
  '+292278994': 'infinity',
  '+292269055': '-infinity',
  '-292275055': '-infinity',
};

function infinityOf(text: string): string | undefined {
  return infiniteYears[/^[+-]\d+/.exec(text)?.[0] ?? ''];
}

function withoutZone(text: string): string {
  return text.endsWith('Z') ? text.slice(0, -1) : text;
}
