import { stringify, LosslessNumber } from 'lossless-json';
import type { CapturedChange, CapturedSource, ParsedRecord } from '../change/parsers/captured-change.ts';
import { isoMicroseconds } from '../change/to-change-event.ts';
import type { Value, WireRow, WireValue } from '../change/value.ts';
import type { ColumnKind } from '../pipeline/columns.ts';
import { decodeWire } from '../pipeline/decode-wire.ts';
import type { CompiledColumn, CompiledTable } from '../pipeline/route.ts';

type Json = string | LosslessNumber | null | WireValue;

const number = (text: string) => new LosslessNumber(text);

/** Canonical values as AWS DMS writes them; what is not named it writes as the canonical text. */
const forms: Partial<Record<ColumnKind, (canonical: string | boolean) => Json>> = {
  integer: (value) => number(String(value)),
  decimal: (value) => number(String(value)),
  double: (value) => number(String(value)),
  real: (value) => number(String(value)),
  boolean: (value) => number(value === true ? '1' : '0'),
  bytes: (value) => `0x${Buffer.from(String(value), 'base64').toString('hex')}`,
  bits: (value) => {
    const hex = BigInt(`0b${String(value)}`).toString(16);
    return `0x${hex.length % 2 === 0 ? '' : '0'}${hex}`;
  },
  timestamp: (value) => `${String(value)}Z`,
};

function formOf(column: CompiledColumn, canonical: Value): Json {
  if (canonical === null) return null;
  return forms[column.kind]?.(canonical) ?? canonical;
}

/** An image with every column the table has; one the pipeline does not declare goes on as it was captured. */
const imageOf = ({ columns }: CompiledTable, image: WireRow): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(image).map(([name, wire]) => {
      const column = columns.get(name);
      return [name, column ? formOf(column, decodeWire(column, wire, 'mysql')) : wire];
    }),
  );

const operations: Record<CapturedChange['op'], string> = {
  c: 'insert',
  u: 'update',
  d: 'delete',
  r: 'load',
};

/**
 * What AWS DMS would write of a change that Debezium captured on MySQL, with `IncludeTransactionDetails`,
 * `IncludeNullAndEmpty` and before images; null where it would write nothing. Debezium's two halves of a changed key are one
 * update of it.
 */
export function dmsRecord(
  parsed: ParsedRecord,
  tableOf: (name: string) => CompiledTable | undefined,
): string | null {
  if (parsed.kind === 'truncate')
    return stringify({ control: {}, metadata: control('truncate-table', parsed) }) ?? null;
  if (parsed.kind !== 'change') return null;
  const { op, before, after, source, newKey, oldKey } = parsed.change;
  const table = tableOf(source.table);
  const data = op === 'd' ? before : after;
  if (table === undefined || data === null || newKey !== null) return null;
  const rekeyed = op === 'c' && oldKey !== null;
  const operation = rekeyed ? 'update' : operations[op];
  const image = rekeyed ? oldKey : op === 'u' ? before : null;
  return (
    stringify({
      data: imageOf(table, data),
      ...(image !== null && { 'before-image': imageOf(table, image) }),
      metadata: op === 'r' ? loaded(source) : changed(operation, source),
    }) ?? null
  );
}

const control = (operation: string, { schema, table }: { schema: string; table: string }) => ({
  'record-type': 'control',
  operation,
  'partition-key-type': 'task-id',
  'schema-name': schema,
  'table-name': table,
});

const loaded = ({ schema, table, timestampUs }: CapturedSource) => ({
  timestamp: isoMicroseconds(timestampUs),
  'record-type': 'data',
  operation: 'load',
  'partition-key-type': 'primary-key',
  'schema-name': schema,
  'table-name': table,
});

/** Number of the binary log file in the upper half, place in it in the lower: it ascends as a transaction id does. */
function changed(operation: string, { schema, table, timestampUs, order }: CapturedSource) {
  const [file = '0', position = '0', row = '0'] = order.split('.');
  const committed = isoMicroseconds(timestampUs);
  return {
    timestamp: committed,
    'record-type': 'data',
    operation,
    'partition-key-type': 'schema-table',
    'schema-name': schema,
    'table-name': table,
    'transaction-id': number(String((BigInt(file) << 32n) + BigInt(position))),
    'transaction-record-id': number(String(Number(row) + 1)),
    'commit-timestamp': committed,
    'stream-position': `binlog.${file.slice(-6)}:${Number(position)}:${Number(row)}`,
  };
}
