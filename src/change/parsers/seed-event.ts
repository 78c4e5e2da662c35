import type { WireRow } from '../value.ts';
import type { CapturedChange, ParsedRecord } from './captured-change.ts';
import { isObject, requiredText, unparsable } from './wire-json.ts';

const operations: Record<string, CapturedChange['op']> = { CREATE: 'c', UPDATE: 'u', DELETE: 'd' };

export function isSeedEvent(record: WireRow): boolean {
  return 'event_id' in record && 'entity_type' in record && 'operation' in record;
}

/**
 * Reads an event of the seeds' contract. Its id is not taken over (a random one tells nothing of the change), and it
 * has no position: its timestamp is one, and within one timestamp the record's offset.
 */
export function readSeedEvent(record: WireRow, offset: string | undefined): ParsedRecord {
  const entity = requiredText(record, 'entity_type');
  const op = operations[requiredText(record, 'operation')];
  if (!op) throw unparsable('its operation is unknown');
  const image = record['payload'];
  if (!isObject(image)) throw unparsable('field payload is missing');
  const timestampUs = microseconds(requiredText(record, 'timestamp'));
  const change: CapturedChange = {
    op,
    before: op === 'd' ? image : null,
    after: op === 'd' ? null : sourceOf(image, requiredText(record, 'source')),
    source: {
      engine: null,
      schema: '',
      table: entity,
      timestampUs,
      order: `${String(timestampUs).padStart(20, '0')}.${(offset ?? '').padStart(20, '0')}`,
      origin: null,
      snapshot: false,
    },
    newKey: null,
    oldKey: null,
    primaryKey: requiredText(record, 'primary_key'),
  };
  return { kind: 'seed', entity, change };
}

/** The writer's name stands in the event, and usually in the payload too. */
function sourceOf(image: WireRow, source: string): WireRow {
  return 'source' in image ? image : { ...image, source };
}

function microseconds(text: string): bigint {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  const seconds = match && Date.parse(`${match[1]}${match[3]}`) / 1000;
  if (!match || seconds === null || Number.isNaN(seconds))
    throw unparsable('field timestamp is not an ISO 8601 time');
  return BigInt(seconds) * 1_000_000n + BigInt((match[2] ?? '').padEnd(6, '0'));
}
