import { v5 } from 'uuid';
import { keyText } from '../change/key.ts';
import type { Row } from '../change/value.ts';
import type { KeyStrategy } from '../pipeline/define.ts';
import type { Route } from '../pipeline/route.ts';

const namespace = 'b1f4d0f5-6f0f-5b1c-8c39-4f1f9f6f6d55';

/** The target key that follows from the source key alone; null where only the ledger knows it. */
export function derivedKey(
  strategy: KeyStrategy,
  row: { pipeline: string; entity: string; sourceKey: string },
): string | null {
  if (strategy === 'same') return row.sourceKey;
  if (strategy === 'uuid') return v5(JSON.stringify([row.pipeline, row.entity, row.sourceKey]), namespace);
  return null;
}

/** The key a new target row gets; null lets the database generate it. */
export function newRowKey(route: Route, sourceKey: string, row: Row): string | null {
  if (route.keyStrategy === 'mapped') return keyText(route.target.key.map((column) => row[column] ?? null));
  return derivedKey(route.keyStrategy, { pipeline: route.pipeline, entity: route.entity, sourceKey });
}
