import type { WireRow, WireValue } from '../value.ts';
import type { ParsedRecord } from './captured-change.ts';
import { isObject, requiredText, unparsable } from './wire-json.ts';

const events = ['INSERT', 'UPDATE', 'MODIFY', 'DELETE', 'REMOVE'];

export const isDynamodbEvent = (record: WireRow): boolean => 'eventName' in record && 'dynamodb' in record;

/**
 * An event in the form of DynamoDB Streams (Amazon DynamoDB API reference, "StreamRecord") about a row of the side. It has
 * no place in the side's log, so it says only that the row changed; what the row holds is read.
 */
export function readDynamodbEvent(record: WireRow): ParsedRecord {
  if (!events.includes(requiredText(record, 'eventName'))) throw unparsable('its eventName is unknown');
  const table = requiredText(record, 'tableName');
  const block = record['dynamodb'];
  if (!isObject(block)) throw unparsable('field dynamodb is not an object');
  const images = ['OldImage', 'NewImage', 'Keys'].map((field) => block[field]).filter(isObject);
  if (images.length === 0) throw unparsable('it has neither Keys nor an image');
  return { kind: 'hint', table, key: Object.assign({}, ...images.map(scalars)) as WireRow };
}

/** Numbers and texts without the type each stands under; a key is of nothing else. */
const scalars = (image: WireRow): WireRow =>
  Object.fromEntries(
    Object.entries(image).flatMap(([name, value]) => {
      const scalar = scalarOf(value);
      return scalar === undefined ? [] : [[name, scalar]];
    }),
  );

function scalarOf(value: WireValue): string | undefined {
  const held = isObject(value) ? (value['N'] ?? value['S']) : undefined;
  return typeof held === 'string' ? held : undefined;
}
