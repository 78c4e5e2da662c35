import type { CapturedTable } from './captured-table.ts';
import { eventId } from './event-id.ts';
import { eventVersion } from './event.ts';
import type { ChangeEvent, Operation } from './event.ts';
import { keyText } from './key.ts';
import type { CapturedChange } from './parsers/captured-change.ts';
import { unparsable } from './parsers/wire-json.ts';
import type { Value, WireRow, WireValue } from './value.ts';

export type KeyValue = (column: string, wire: WireValue) => Value;

export interface ChangeEventOptions {
  /** Raised when the side's log restarts. */
  epoch: number;
  /**
   * Canonical value of a key column, where its captured form is another (an unsigned bigint, a date, a binary UUID).
   * Default: the captured text.
   */
  keyValue?: KeyValue | undefined;
}

/**
 * The change event of a captured change. Null for the delete half of a primary-key change, since the create half
 * becomes an UPDATE that carries `previous_key`. The payload may lack columns whose value the log did not carry.
 * Throws `data` where a key column is missing or null.
 */
export function toChangeEvent(
  change: CapturedChange,
  captured: CapturedTable,
  { epoch, keyValue = textOf }: ChangeEventOptions,
): ChangeEvent | null {
  const { op, before, after, source, newKey } = change;
  if (op === 'd' && newKey) return null;
  const payload = (op === 'd' ? before : after) ?? {};
  const key = change.primaryKey ?? keyOf(payload, captured, keyValue);
  const previous = previousKey(change, key, captured, keyValue);
  const operation: Operation = op === 'd' ? 'DELETE' : op === 'u' || previous !== null ? 'UPDATE' : 'CREATE';
  const position = { epoch, order: source.order };
  const table = `${source.schema}.${source.table}`;
  const { pipeline, entity, side } = captured;
  return {
    event_id: eventId({ pipeline, entity, side, table, key, position, operation }),
    event_version: eventVersion,
    pipeline,
    entity_type: entity,
    operation,
    primary_key: key,
    ...(previous !== null && { previous_key: previous }),
    payload,
    before: op === 'd' || before === null ? null : differing(before, payload),
    source: side,
    timestamp: isoMicroseconds(source.timestampUs),
    position,
    clock: clockOf(payload, captured, operation),
    origin: source.origin,
    snapshot: op === 'r' || source.snapshot,
  };
}

const textOf = (_column: string, wire: WireValue): Value => (typeof wire === 'object' ? null : wire);

/** The canonical key of a row of the table; throws `data` naming the column that is missing or null. */
export function keyOf(image: WireRow, { key }: Pick<CapturedTable, 'key'>, keyValue: KeyValue): string {
  const values = key.map((column) => {
    const wire = image[column];
    const value = wire === undefined ? null : keyValue(column, wire);
    if (value === null) throw unparsable(`key column ${column} is missing`);
    return value;
  });
  if (values.length === 0) throw unparsable('the table has no key columns');
  return keyText(values);
}

/**
 * The key before a change of it. An update's before image without any key column tells of none.
 * Throws `data` where it has some of them only.
 */
function previousKey(
  { op, oldKey }: CapturedChange,
  key: string,
  captured: CapturedTable,
  keyValue: KeyValue,
): string | null {
  if (oldKey === null || op === 'd' || op === 'r') return null;
  if (op === 'u' && !captured.key.some((column) => column in oldKey)) return null;
  const previous = keyOf(oldKey, captured, keyValue);
  return op === 'u' && previous === key ? null : previous;
}

/** Columns of the before image whose value is another now, or is not known now. */
function differing(before: WireRow, after: WireRow): WireRow {
  return Object.fromEntries(
    Object.entries(before).filter(
      ([column, value]) => JSON.stringify(value) !== JSON.stringify(after[column]),
    ),
  );
}

/** A delete's clock is that of the row it ended, plus one microsecond: the same in the event and in the tombstone. */
function clockOf(payload: WireRow, { clock }: CapturedTable, operation: Operation): string | null {
  const text = clock === null ? null : payload[clock];
  if (typeof text !== 'string' || !/^\d+$/.test(text)) return null;
  return operation === 'DELETE' ? String(BigInt(text) + 1n) : text;
}

/** ISO 8601 with six digits, which a JavaScript Date cannot give. */
export function isoMicroseconds(us: bigint): string {
  const seconds = new Date(Number(us / 1_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(us % 1_000_000n).padStart(6, '0')}Z`;
}
