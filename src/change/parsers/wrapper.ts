import type { WireRow } from '../value.ts';
import { isObject, parseWire, unparsable } from './wire-json.ts';

/**
 * The record inside what carried it to a queue: a Kinesis record as EventBridge Pipes pass it on, or a notification of SNS
 * without raw delivery. Any other record is given back.
 */
export function unwrapped(record: WireRow): WireRow {
  const inner = innerBytes(record);
  if (inner === null) return record;
  const parsed = parseWire(inner);
  if (!isObject(parsed)) throw unparsable('what it carries is not a JSON object');
  return unwrapped(parsed);
}

function innerBytes({ eventSource, data, Type: type, Message: message }: WireRow): Buffer | null {
  if (eventSource === 'aws:kinesis' && typeof data === 'string') return Buffer.from(data, 'base64');
  return type === 'Notification' && typeof message === 'string' ? Buffer.from(message) : null;
}
