import type { Sql } from 'sql-template-tag';
import type { Value } from '../change/value.ts';
import type { CompiledColumn } from '../pipeline/route.ts';
import type { ColumnDescription } from './contract.ts';

/** How an engine writes names and values. */
export interface Dialect {
  /** Quoted, whatever the name holds. */
  identifier(name: string): Sql;
  /** The column as rows are put in order by it, and compared by the same order with text. */
  orderable(name: string, live: ColumnDescription): Sql;
  /** The parameter that writes a canonical value. */
  toParameter(column: CompiledColumn, value: Value, live: ColumnDescription | undefined): unknown;
  /** SQL that reads the column in the form `fromDriver` takes. */
  selectExpression(column: CompiledColumn): string;
  fromDriver(column: CompiledColumn, raw: unknown): Value;
  /** Throws `data` naming the column where the live column would refuse or change the value. */
  assertFits(column: CompiledColumn, value: Value, live: ColumnDescription): void;
}
