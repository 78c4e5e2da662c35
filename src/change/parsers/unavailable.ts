import type { WireRow, WireValue } from '../value.ts';

const placeholder = '__debezium_unavailable_value';
const texts = new Set<WireValue | undefined>([
  placeholder,
  Buffer.from(placeholder).toString('base64'),
  // The name-based UUID that stands for it in an array of UUIDs.
  'b68a35a7-17ad-35b3-af2a-ae46edb4545a',
]);
/** In an array of integers or dates it stands as its bytes. */
const codes = JSON.stringify([...Buffer.from(placeholder)].map(String));

/**
 * The image without the columns PostgreSQL did not log: an unchanged value stored out of line (TOAST), under a replica
 * identity other than FULL. Debezium writes a placeholder for those; it must never reach a row.
 */
export function availableColumns(image: WireRow): WireRow {
  return Object.fromEntries(Object.entries(image).filter(([, value]) => !isPlaceholder(value)));
}

function isPlaceholder(value: WireValue): boolean {
  if (!Array.isArray(value)) return texts.has(value);
  return (
    (value.length === 1 && texts.has(value[0])) ||
    (value.length === placeholder.length && JSON.stringify(value) === codes)
  );
}
