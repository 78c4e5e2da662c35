import type { WireRow } from '../value.ts';
import type { CapturedSource } from './captured-change.ts';
import { requiredText, textField, unparsable } from './wire-json.ts';

const engines: Record<string, 'postgres' | 'mysql'> = { postgresql: 'postgres', mysql: 'mysql' };

function engineOf(source: WireRow): 'postgres' | 'mysql' {
  const engine = engines[requiredText(source, 'connector')];
  if (!engine) throw unparsable('its connector is neither postgresql nor mysql');
  return engine;
}

/** Which table the envelope's `source` block names. Throws `data` naming the missing field. */
export const capturedName = (source: WireRow): { schema: string; table: string } => ({
  schema: requiredText(source, engineOf(source) === 'postgres' ? 'schema' : 'db'),
  table: requiredText(source, 'table'),
});

/** Reads the envelope's `source` block. Throws `data` naming the missing field. */
export function capturedSource(source: WireRow): CapturedSource {
  const engine = engineOf(source);
  const snapshot = (textField(source, 'snapshot') ?? 'false') !== 'false';
  return {
    engine,
    ...capturedName(source),
    timestampUs: timestampUs(source),
    order: engine === 'postgres' ? postgresOrder(source) : mysqlOrder(source),
    origin: engine === 'postgres' ? textField(source, 'origin') : gtidTag(textField(source, 'gtid')),
    snapshot,
  };
}

/**
 * The LSN of the change itself. Each change of a row has a WAL record, and with it an LSN, of its own; only the two
 * halves of a primary-key change, and rows inserted together, share one.
 */
function postgresOrder(source: WireRow): string {
  return digits(source, 'lsn', 20);
}

/** Number of the binary log file, position of the event in it, index of the row in the event. */
function mysqlOrder(source: WireRow): string {
  const file = /\.(\d+)$/.exec(requiredText(source, 'file'));
  if (!file?.[1]) throw unparsable('field file does not end in the number of a binary log');
  return [file[1].padStart(10, '0'), digits(source, 'pos', 20), digits(source, 'row', 10)].join('.');
}

function digits(source: WireRow, field: string, width: number): string {
  const text = requiredText(source, field);
  if (!/^\d+$/.test(text)) throw unparsable(`field ${field} is not a whole number`);
  return text.padStart(width, '0');
}

function timestampUs(source: WireRow): bigint {
  const [field, factor] =
    source['ts_us'] === undefined ? (['ts_ms', 1000n] as const) : (['ts_us', 1n] as const);
  const text = requiredText(source, field);
  if (!/^\d+$/.test(text)) throw unparsable(`field ${field} is not a whole number`);
  return BigInt(text) * factor;
}

/** `uuid:tag:number`; an ordinary GTID has no tag. */
function gtidTag(gtid: string | null): string | null {
  const parts = gtid?.split(':') ?? [];
  return parts.length === 3 ? (parts[1] ?? null) : null;
}
