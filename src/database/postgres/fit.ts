import type { Value } from '../../change/value.ts';
import { refusal } from '../../pipeline/refusal.ts';
import type { CompiledColumn } from '../../pipeline/route.ts';
import type { ColumnDescription } from '../contract.ts';

/**
 * Throws `data`, naming column and reason but never the value, for every value that the column would refuse or
 * change. What passes is read back equal.
 */
export function assertFits(column: CompiledColumn, value: Value, live: ColumnDescription): void {
  if (value === null && !live.nullable) throw refusal(column.name, 'null in a column that is not nullable');
}
