import type { ChangeEvent } from '../change/event.ts';
import type { WireValue } from '../change/value.ts';
import { timeParts } from './canonical-time.ts';
import { wireDate, wireTimestamp, wireTimestamptz } from './decode-time.ts';
import type { CompiledColumn, Route } from './route.ts';

/**
 * Source columns of an event whose captured value may not be what the row holds; only the row itself can tell.
 * Seen on Debezium 3.6 (MySQL) and 3.7 (PostgreSQL):
 * - MySQL: a zero date, or one with a zero part, comes as NULL, from a NOT NULL column as 1970-01-01 (or as the
 *   column's constant default, which cannot be seen here); the YEAR 0000 as 1900, from a snapshot as 2000; a FLOAT from
 *   a snapshot with six digits.
 * - PostgreSQL: a date BC comes from a snapshot without its era; an array of arrays as nulls, or as the name of a Java
 *   object, and an array of dates as numbers; 24:00 as 00:00 under `isostring`.
 */
export function doubtfulColumns(route: Route, event: ChangeEvent): readonly CompiledColumn[] {
  if (event.operation === 'DELETE') return [];
  return route.columns
    .map(({ from }) => from)
    .filter((column) => {
      const wire = event.payload[column.name];
      return wire !== undefined && doubts[route.source.engine](column, wire, event.snapshot);
    });
}

type Doubt = (column: CompiledColumn, wire: WireValue, snapshot: boolean) => boolean;

const doubts: Record<Route['source']['engine'], Doubt> = {
  mysql: ({ kind }, wire, snapshot) => {
    if (kind === 'real') return snapshot && wire !== null;
    if (kind === 'integer') return wire === (snapshot ? '2000' : '1900');
    if (kind !== 'date' && kind !== 'timestamp' && kind !== 'timestamptz') return false;
    return wire === null || /^1970-01-01(?:T00:00:00Z?)?$/.test(dayOf(kind, wire) ?? '');
  },
  postgres: ({ kind }, wire, snapshot) => {
    if (kind === 'array') return wire !== null;
    if (kind === 'time') return wire === '00:00:00Z';
    if (kind !== 'date' || !snapshot) return false;
    const year = timeParts(dayOf(kind, wire) ?? '')?.year;
    return year !== undefined && year > 0 && year < 4715;
  },
};

function dayOf(kind: 'date' | 'timestamp' | 'timestamptz', wire: WireValue): string | undefined {
  if (typeof wire !== 'string') return undefined;
  return { date: wireDate, timestamp: wireTimestamp, timestamptz: wireTimestamptz }[kind](wire);
}
