import type { WireValue } from '../change/value.ts';
import { canonicalArray } from './canonical-json.ts';

/** A PostgreSQL array as captured. Debezium cannot carry an array of arrays: it writes the name of a Java object. */
export function decodeArray(wire: WireValue): string | undefined {
  if (!Array.isArray(wire)) return undefined;
  return wire.some(
    (element) => typeof element === 'string' && /^\[(?:L[\w.]+;|[A-Z])@[0-9a-f]+$/.test(element),
  )
    ? undefined
    : canonicalArray(wire);
}
