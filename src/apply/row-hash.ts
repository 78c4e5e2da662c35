import { createHash } from 'node:crypto';
import type { Row } from '../change/value.ts';

/** Hash of a row's mapped columns in canonical form; independent of column order. */
export function rowHash(row: Row): string {
  const ordered = Object.keys(row)
    .toSorted()
    .map((column) => [column, row[column]]);
  return createHash('sha256').update(JSON.stringify(ordered)).digest('base64url');
}
