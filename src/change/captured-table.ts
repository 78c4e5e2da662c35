/** A table whose changes are captured, as the pure part of Tandem needs to know it. A compiled table is one. */
export interface CapturedTable {
  pipeline: string;
  entity: string;
  side: string;
  engine: 'postgres' | 'mysql';
  /** Null on MySQL where the pipeline names none: any. */
  schema: string | null;
  name: string;
  /** Columns of the primary key, in order. */
  key: readonly string[];
  /** Column of the row clock; null where the table keeps none. */
  clock: string | null;
  /** Column of the writer's name (the seeds' rule); null where the table has none. */
  sourceColumn: string | null;
}
