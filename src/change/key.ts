import type { Value } from './value.ts';

/**
 * Canonical text of a row's key: the value itself for a key of one column, a JSON array of the values otherwise.
 * It is what the ledger stores and what triggers write, so a single-column key is exactly the column cast to text.
 */
export function keyText(values: readonly Value[]): string {
  const [only] = values;
  return values.length === 1 ? String(only) : JSON.stringify(values.map(String));
}

/** The column values of a canonical key, in key order. */
export function keyValues(text: string, columns: number): string[] {
  if (columns === 1) return [text];
  const values: unknown = JSON.parse(text);
  if (!Array.isArray(values) || values.length !== columns || !values.every((v) => typeof v === 'string'))
    throw new Error(`key does not have ${columns} columns`);
  return values;
}
