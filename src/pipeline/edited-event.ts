import type { ChangeEvent } from '../change/event.ts';
import type { Row, Value, WireRow, WireValue } from '../change/value.ts';
import { canonicalBits } from './canonical-bytes.ts';
import type { ColumnKind } from './columns.ts';
import { decodeWire } from './decode-wire.ts';
import { refusal } from './refusal.ts';
import type { CompiledColumn, Route } from './route.ts';
import { transformChange } from './transform.ts';

/**
 * The event as an operator corrected it. Under row clocks it is the next version after the event's own: what is newer
 * than the event still stands, and the source takes it for a change. Throws `data` naming the column for one that the
 * entity does not bring, for a part of the key, and for a value that is not of the column's kind, schema or codec.
 */
export function editedEvent(route: Route, event: ChangeEvent, columns: Row): ChangeEvent {
  if (route.twoWay && route.source.clock === null)
    throw refusal(
      Object.keys(columns)[0] ?? '',
      `rows of ${route.entity} are read and not taken from their events: correct the source row, then retry`,
    );
  const corrected = Object.fromEntries(
    Object.entries(columns).map(([name, value]) => [name, wireOf(columnOf(route, name), value, route)]),
  );
  const edited: ChangeEvent = { ...event, payload: { ...event.payload, ...corrected } };
  const versioned = nextVersion(route, edited, Object.keys(columns));
  transformChange(route, versioned);
  return versioned;
}

function columnOf({ entity, source, target, columns }: Route, name: string): CompiledColumn {
  if (source.key.includes(name)) throw refusal(name, 'it is part of the key, which tells which row it is');
  const mapped = columns.find(({ from }) => from.name === name);
  if (!mapped) throw refusal(name, `${entity} brings no such column from ${source.side} to ${target.side}`);
  return mapped.from;
}

/** The clocks of what was corrected, a microsecond on. */
function nextVersion(route: Route, event: ChangeEvent, names: readonly string[]): ChangeEvent {
  if (!route.twoWay || event.clock === null) return event;
  const clock = String(BigInt(event.clock) + 1n);
  const groups = route.merge?.groups ?? [];
  const clocks: WireRow = Object.fromEntries([
    [route.source.clock!, clock],
    ...groups
      .filter(({ columns }) => columns.some(({ from }) => names.includes(from.name)))
      .map((group) => [group.clock, clock] as const),
  ]);
  return { ...event, clock, payload: { ...event.payload, ...clocks } };
}

/** How values are written whose captured form could be taken for another. */
const forms: Partial<Record<ColumnKind, string>> = {
  integer: 'decimal digits',
  uuid: 'lower case with hyphens',
  date: 'YYYY-MM-DD',
  time: 'HH:MM:SS[.ffffff]',
  timestamp: 'YYYY-MM-DDTHH:MM:SS[.ffffff]',
  timestamptz: 'YYYY-MM-DDTHH:MM:SS[.ffffff]Z',
};

/** A canonical value as a log would carry it. */
function wireOf(column: CompiledColumn, value: Value, { source }: Route): WireValue {
  if (value === null) return null;
  if (column.kind === 'bits') return wireBits(column, value);
  if (column.kind === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  const decoded = decodeWire(column, value, source.engine);
  const form = forms[column.kind];
  if (form !== undefined && decoded !== value)
    throw refusal(column.name, `write a value of kind ${column.kind} as ${form}`);
  return decoded;
}

/** Base64 of bytes in little-endian order. */
function wireBits({ name }: CompiledColumn, value: Value): string {
  const bits = typeof value === 'string' ? canonicalBits(value) : undefined;
  if (bits === undefined) throw refusal(name, 'write a value of kind bits as binary digits');
  const hex = BigInt(`0b${bits}`).toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.from(bytes.toReversed()).toString('base64');
}
