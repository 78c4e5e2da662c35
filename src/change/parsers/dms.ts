import type { WireRow } from '../value.ts';
import type { CapturedChange, CapturedSource, ParsedRecord } from './captured-change.ts';
import { isObject, requiredText, textField, unparsable } from './wire-json.ts';

/**
 * Change records of AWS DMS, in the form it gives them for Kinesis and Kafka (AWS DMS User Guide, "Using Amazon Kinesis
 * Data Streams as a target"): `{data, metadata}`, with `before-image` where the task has `BeforeImageSettings`.
 */

const operations: Record<string, CapturedChange['op']> = {
  load: 'r',
  insert: 'c',
  update: 'u',
  delete: 'd',
};

export const isDmsRecord = ({ metadata }: WireRow): boolean =>
  isObject(metadata) && 'record-type' in metadata;

/** Reads a record that is parsed already. Throws `data` naming what is missing, and the endpoint setting that gives it. */
export function readDmsRecord(record: WireRow): ParsedRecord {
  const metadata = record['metadata'] as WireRow;
  const type = requiredText(metadata, 'record-type');
  const operation = requiredText(metadata, 'operation');
  if (type === 'control') return readControl(operation, metadata);
  const op = operations[operation];
  if (type !== 'data' || op === undefined) throw unparsable('its operation is unknown');
  const data = record['data'];
  if (!isObject(data)) throw unparsable('field data is missing');
  const before = op === 'u' ? beforeImage(record) : null;
  return {
    kind: 'change',
    change: {
      op,
      before: op === 'd' ? data : before && isWhole(before, data) ? before : null,
      after: op === 'd' ? null : data,
      source: op === 'r' ? loadSource(metadata) : changeSource(metadata),
      newKey: null,
      oldKey: before,
      form: 'dms',
    },
  };
}

function readControl(operation: string, metadata: WireRow): ParsedRecord {
  if (operation !== 'truncate-table') return { kind: 'ignored', reason: 'schema_change' };
  return { kind: 'truncate', schema: schemaOf(metadata), table: requiredText(metadata, 'table-name') };
}

const schemaOf = (metadata: WireRow): string => textField(metadata, 'schema-name') ?? '';

/** Under `pk-only` and `non-lob` it has some of the columns; what it has not is not known to be unchanged. */
const isWhole = (before: WireRow, after: WireRow): boolean =>
  Object.keys(after).every((column) => column in before);

/** DMS lets the task name the field; this is the name its guide gives it. */
function beforeImage(record: WireRow): WireRow | null {
  const image = record['before-image'] ?? null;
  if (image !== null && !isObject(image)) throw unparsable('field before-image is not an object');
  return image;
}

/** A row of the full load belongs to no transaction. Its time tells two loads apart, and orders nothing: it is a read. */
function loadSource(metadata: WireRow): CapturedSource {
  const timestampUs = microseconds(metadata, 'timestamp');
  return { ...common(metadata), timestampUs, order: padded(timestampUs, 20), snapshot: true };
}

function changeSource(metadata: WireRow): CapturedSource {
  const fields = ['commit-timestamp', 'transaction-id', 'transaction-record-id'];
  const missing = fields.filter((field) => textField(metadata, field) === null);
  if (missing.length > 0)
    throw unparsable(
      `metadata lacks ${missing.join(', ')}: set IncludeTransactionDetails to true on the DMS endpoint`,
    );
  const timestampUs = microseconds(metadata, 'commit-timestamp');
  const order = [
    padded(timestampUs, 20),
    padded(wholeNumber(metadata, 'transaction-id', 20), 20),
    padded(wholeNumber(metadata, 'transaction-record-id', 10), 10),
  ].join('.');
  return { ...common(metadata), timestampUs, order, snapshot: false };
}

const common = (metadata: WireRow) => ({
  engine: 'mysql' as const,
  schema: schemaOf(metadata),
  table: requiredText(metadata, 'table-name'),
  origin: null,
});

function wholeNumber(of: WireRow, field: string, digits: number): bigint {
  const text = requiredText(of, field);
  if (!/^\d+$/.test(text) || text.length > digits)
    throw unparsable(`field ${field} is not a whole number of at most ${digits} digits`);
  return BigInt(text);
}

const padded = (number: bigint, width: number): string => String(number).padStart(width, '0');

function microseconds(of: WireRow, field: string): bigint {
  const text = requiredText(of, field);
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  const seconds = match && Date.parse(`${match[1]}Z`) / 1000;
  if (!match || seconds === null || Number.isNaN(seconds) || seconds < 0)
    throw unparsable(`field ${field} is not an ISO 8601 time in UTC`);
  return BigInt(seconds) * 1_000_000n + BigInt((match[2] ?? '').padEnd(6, '0').slice(0, 6));
}
