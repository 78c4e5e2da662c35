import type { WireRow, WireValue } from '../value.ts';
import type { CapturedChange, ParsedRecord } from './captured-change.ts';
import { capturedName, capturedSource } from './debezium-source.ts';
import { availableColumns } from './unavailable.ts';
import type { RawRecord } from './raw-record.ts';
import { isObject, parseWire, requiredText, unparsable } from './wire-json.ts';

/** Reads an envelope that is parsed already. */
export function readEnvelope(envelope: WireRow, headers: RawRecord['headers']): ParsedRecord {
  if (!('op' in envelope)) return { kind: 'ignored', reason: otherKind(envelope) };
  const op = requiredText(envelope, 'op');
  if (op === 'm') return { kind: 'ignored', reason: 'message' };
  if (op !== 'c' && op !== 'u' && op !== 'd' && op !== 'r' && op !== 't')
    throw unparsable('its operation is unknown');
  const block = envelope['source'];
  if (!isObject(block)) throw unparsable('field source is missing');
  if (op === 't') return { kind: 'truncate', ...capturedName(block) };
  const source = capturedSource(block);
  const before = image(envelope, 'before');
  const after = image(envelope, 'after');
  if (op === 'd' ? before === null : after === null)
    throw unparsable(`field ${op === 'd' ? 'before' : 'after'} is missing`);
  const change: CapturedChange = {
    op,
    before,
    after: op === 'd' ? null : after,
    source,
    newKey: headerKey(headers, '__debezium.newkey'),
    oldKey: headerKey(headers, '__debezium.oldkey'),
  };
  return { kind: 'change', change: withoutDoubt(change) };
}

/** `{schema, payload}` as the JSON converter writes it with `schemas.enable`. */
export function withoutSchema(value: WireRow): WireRow {
  const { schema, payload } = value;
  return schema !== undefined && isObject(payload) && Object.keys(value).length === 2 ? payload : value;
}

function otherKind(envelope: WireRow): 'heartbeat' | 'schema_change' | 'transaction' {
  if ('ddl' in envelope || 'tableChanges' in envelope) return 'schema_change';
  if ('status' in envelope && 'event_count' in envelope) return 'transaction';
  if (Object.keys(envelope).every((field) => field.startsWith('ts_'))) return 'heartbeat';
  throw unparsable('it is no change record: field op is missing');
}

function image(envelope: WireRow, field: string): WireRow | null {
  const value: WireValue = envelope[field] ?? null;
  if (value === null) return null;
  if (!isObject(value)) throw unparsable(`field ${field} is not an object`);
  return availableColumns(value);
}

/**
 * PostgreSQL logs an update's old row exactly under replica identity FULL. Without it Debezium 3.7 gives NULL for an
 * unchanged bytea, or array of most types, that lies out of line: no NULL of such an update can be believed.
 */
function withoutDoubt(change: CapturedChange): CapturedChange {
  const { op, before, after, source } = change;
  if (source.engine !== 'postgres' || op !== 'u' || before !== null || after === null) return change;
  return {
    ...change,
    after: Object.fromEntries(Object.entries(after).filter(([, value]) => value !== null)),
  };
}

function headerKey(headers: RawRecord['headers'], name: string): WireRow | null {
  const text = headers[name];
  if (text === undefined) return null;
  const key = parseWire(Buffer.from(text));
  if (!isObject(key)) throw unparsable(`header ${name} is not a JSON object`);
  return withoutSchema(key);
}
