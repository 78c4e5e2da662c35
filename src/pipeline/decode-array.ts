import type { WireValue } from '../change/value.ts';
import { canonicalArray, canonicalArrayText } from './canonical-json.ts';

/**
 * A PostgreSQL array as captured, or one that MySQL holds as JSON text. Debezium cannot carry a PostgreSQL array of
 * arrays: it writes the name of a Java object.
 */
export function decodeArray(wire: WireValue): string | undefined {
  if (typeof wire === 'string') return canonicalArrayText(wire);
  if (!Array.isArray(wire)) return undefined;
  return wire.some(
    (element) => typeof element === 'string' && /^\[(?:L[\w.]+;|[A-Z])@[0-9a-f]+$/.test(element),
  )
    ? undefined
    : canonicalArray(wire);
}
