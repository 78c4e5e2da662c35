import type { ParsedRecord } from './captured-change.ts';
import { readEnvelope, withoutSchema } from './debezium.ts';
import { isDmsRecord, readDmsRecord } from './dms.ts';
import { isDynamodbEvent, readDynamodbEvent } from './dynamodb-event.ts';
import type { RawRecord } from './raw-record.ts';
import { isSeedEvent, readSeedEvent } from './seed-event.ts';
import { isObject, parseWire, unparsable } from './wire-json.ts';
import { unwrapped } from './wrapper.ts';

/**
 * Reads a record of any contract Tandem knows, chosen by its shape: the seeds' event, a record of AWS DMS, an event in the
 * form of DynamoDB Streams, or a Debezium envelope.
 * Throws `data` with a reason that quotes nothing of the record.
 */
export function parseRecord({ value, headers, offset }: RawRecord): ParsedRecord {
  if (value === null) return { kind: 'tombstone' };
  const parsed = parseWire(value);
  if (!isObject(parsed)) throw unparsable('it is not a JSON object');
  const record = withoutSchema(unwrapped(parsed));
  if (isDmsRecord(record)) return readDmsRecord(record);
  if (isDynamodbEvent(record)) return readDynamodbEvent(record);
  return isSeedEvent(record) ? readSeedEvent(record, offset) : readEnvelope(record, headers);
}
