import type { Value, WireValue } from '../change/value.ts';
import { canonicalBase64, canonicalBits, canonicalUuid, uuidOfBytes } from './canonical-bytes.ts';
import { canonicalJson, loggedNumber } from './canonical-json.ts';
import { canonicalDecimal, canonicalDouble, canonicalInteger, canonicalReal } from './canonical-number.ts';
import type { ColumnKind } from './columns.ts';
import { decodeArray } from './decode-array.ts';
import { wireDate, wireTime, wireTimestamp, wireTimestamptz } from './decode-time.ts';
import type { Engine } from './define.ts';
import { refusal } from './refusal.ts';
import type { CompiledColumn } from './route.ts';

/**
 * The canonical value of what Debezium captured. The connectors must run with `decimal.handling.mode=string`,
 * `binary.handling.mode=base64`, `bigint.unsigned.handling.mode=precise` and `time.precision.mode` either
 * `microseconds` or `isostring`. Throws `data`, naming the column, for what the declared kind cannot be.
 * What no decoder can see is named by `doubtfulColumns`.
 */
export function decodeWire(column: CompiledColumn, wire: WireValue, engine?: Engine): Value {
  if (wire === null) return null;
  const value = decoders[column.kind](wire, engine);
  if (value === undefined) throw refusal(column.name, `the captured value is not of kind ${column.kind}`);
  return value;
}

type Decoder = (wire: Exclude<WireValue, null>, engine: Engine | undefined) => Value | undefined;

const fromText =
  (canonical: (text: string, engine: Engine | undefined) => string | undefined): Decoder =>
  (wire, engine) =>
    typeof wire === 'string' ? canonical(wire, engine) : undefined;

const decoders: Record<ColumnKind, Decoder> = {
  integer: fromText((text) => canonicalInteger(text) ?? unsignedOfBytes(text)),
  decimal: fromText((text) => canonicalDecimal(javaSpecials[text] ?? text)),
  double: fromText(canonicalDouble),
  real: fromText(canonicalReal),
  // MySQL's tinyint(1) comes as a number, bit(1) as a Boolean.
  boolean: (wire) => {
    if (typeof wire === 'boolean') return wire;
    if (wire === '1') return true;
    return wire === '0' ? false : undefined;
  },
  text: fromText((text) => text),
  bytes: fromText(canonicalBase64),
  // One bit comes as a Boolean, more as base64 of bytes in little-endian order.
  bits: (wire) => {
    if (typeof wire === 'boolean') return wire ? '1' : '0';
    if (wire === '') return '0';
    if (typeof wire !== 'string' || canonicalBase64(wire) === undefined) return undefined;
    const hex = Buffer.from(wire, 'base64').toReversed();
    return canonicalBits(BigInt(`0x${Buffer.from(hex).toString('hex')}`).toString(2));
  },
  // MySQL's binary(16) comes as base64.
  uuid: fromText((text) =>
    text.length === 24 && canonicalBase64(text) !== undefined
      ? uuidOfBytes(Buffer.from(text, 'base64'))
      : canonicalUuid(text),
  ),
  date: fromText(wireDate),
  time: fromText(wireTime),
  timestamp: fromText(wireTimestamp),
  timestamptz: fromText(wireTimestamptz),
  json: fromText((text, engine) => canonicalJson(text, engine === 'mysql' ? loggedNumber : undefined)),
  array: decodeArray,
};

/** PostgreSQL's special numerics, as the connector spells them. */
const javaSpecials: Record<string, string | undefined> = {
  NAN: 'NaN',
  POSITIVE_INFINITY: 'Infinity',
  NEGATIVE_INFINITY: '-Infinity',
};

/**
 * An unsigned bigint under `precise` without `decimal.format=NUMERIC`: base64 of a big-endian number. The first of its
 * six bits is never set, so it starts with a letter and cannot be taken for digits.
 */
function unsignedOfBytes(text: string): string | undefined {
  if (!/^[A-Za-f]/.test(text) || canonicalBase64(text) === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 9 ? undefined : BigInt(`0x${bytes.toString('hex')}`).toString();
}
