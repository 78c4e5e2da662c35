import { defineSearchAttributeKey } from '@temporalio/common';
import type { SearchAttributePair } from '@temporalio/common';
import { searchAttributes } from './names.ts';
import type { SearchAttribute } from './names.ts';

/** Pairs for a start or an upsert; names without a value are left out. Values are names and codes, never row values. */
export function attributePairs(
  values: Partial<Record<SearchAttribute, string | null>>,
): SearchAttributePair[] {
  return searchAttributes.flatMap((name) => {
    const value = values[name];
    return value == null ? [] : [{ key: defineSearchAttributeKey(name, 'KEYWORD'), value }];
  });
}
