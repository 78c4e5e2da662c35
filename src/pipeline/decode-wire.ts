import type { Value, WireValue } from '../change/value.ts';
import { canonicalBase64, canonicalUuid, uuidOfBytes } from './canonical-bytes.ts';
import { canonicalArray, canonicalJson } from './canonical-json.ts';
import { canonicalDecimal, canonicalDouble, canonicalInteger, canonicalReal } from './canonical-number.ts';
import { canonicalDate, canonicalTime, canonicalTimestamp, canonicalTimestamptz } from './canonical-time.ts';
import type { ColumnKind } from './columns.ts';
import { refusal } from './refusal.ts';
import type { CompiledColumn } from './route.ts';

/**
 * The canonical value of what Debezium captured. The connectors must run with `decimal.handling.mode=string`,
 * `time.precision.mode=isostring`, `binary.handling.mode=base64` and `bigint.unsigned.handling.mode=precise`.
 * Throws `data`, naming the column, for what the declared kind cannot be.
 */
export function decodeWire(column: CompiledColumn, wire: WireValue): Value {
  if (wire === null) return null;
  const value = decoders[column.kind](wire);
  if (value === undefined) throw refusal(column.name, `the captured value is not of kind ${column.kind}`);
  return value;
}

type Decoder = (wire: Exclude<WireValue, null>) => Value | undefined;

const fromText =
  (canonical: (text: string) => string | undefined): Decoder =>
  (wire) =>
    typeof wire === 'string' ? canonical(wire) : undefined;

const decoders: Record<ColumnKind, Decoder> = {
  integer: fromText(canonicalInteger),
  decimal: fromText(canonicalDecimal),
  double: fromText(canonicalDouble),
  real: fromText(canonicalReal),
  // MySQL's tinyint(1) comes as a number.
  boolean: (wire) => {
    if (typeof wire === 'boolean') return wire;
    if (wire === '1') return true;
    return wire === '0' ? false : undefined;
  },
  text: fromText((text) => text),
  bytes: fromText(canonicalBase64),
  // MySQL's binary(16) comes as base64.
  uuid: fromText((text) =>
    text.length === 24 && canonicalBase64(text) !== undefined
      ? uuidOfBytes(Buffer.from(text, 'base64'))
      : canonicalUuid(text),
  ),
  date: fromText((text) => canonicalDate(withoutZone(text))),
  time: fromText((text) => canonicalTime(withoutZone(text))),
  // A column without a zone comes with a `Z` that means nothing.
  timestamp: fromText((text) => canonicalTimestamp(withoutZone(text))),
  timestamptz: fromText(canonicalTimestamptz),
  json: fromText(canonicalJson),
  array: canonicalArray,
};

function withoutZone(text: string): string {
  return text.endsWith('Z') ? text.slice(0, -1) : text;
}
