import type { WireRow } from '../value.ts';

/** What a log record says about one row, before it is known which entity captures the table. */
export interface CapturedChange {
  /** Debezium's: `c` create, `u` update, `d` delete, `r` read (snapshot). */
  op: 'c' | 'u' | 'd' | 'r';
  /** Null where the log carries none. Columns whose value the log does not carry are left out. */
  before: WireRow | null;
  /** Null for a delete. Columns whose value the log does not carry are left out. */
  after: WireRow | null;
  source: CapturedSource;
  /**
   * The key after a primary-key change (header of the delete), and before it: header of the create, or what an update's
   * before image has, which may be of the same key.
   */
  newKey: WireRow | null;
  oldKey: WireRow | null;
  /** The row's key where the record gives it beside the images. */
  primaryKey?: string;
  /**
   * Present where its values are in the forms of AWS DMS, which leaves out NULLs unless told not to: a column it does not
   * carry cannot be known then.
   */
  form?: 'dms';
}

export interface CapturedSource {
  /** Null where the record does not tell. */
  engine: 'postgres' | 'mysql' | null;
  /** MySQL: the database. Empty where the record does not tell. */
  schema: string;
  table: string;
  /** Commit time, microseconds since the epoch; MySQL without GTIDs knows it to the second. */
  timestampUs: bigint;
  /** Fixed width, sorts as a string; ascending for the changes of one row. */
  order: string;
  /** PostgreSQL: name of the writer's replication origin; MySQL: the tag of its GTID. Null for neither. */
  origin: string | null;
  snapshot: boolean;
}

/** What one record of a feed is. */
export type ParsedRecord =
  | { kind: 'tombstone' }
  | { kind: 'ignored'; reason: 'heartbeat' | 'schema_change' | 'transaction' | 'message' }
  /** The table was emptied; the log does not say of which rows. */
  | { kind: 'truncate'; schema: string; table: string }
  | { kind: 'change'; change: CapturedChange }
  /** A row changed; the record does not say when, nor to be believed how. The key may stand among other columns. */
  | { kind: 'hint'; table: string; key: WireRow }
  /** An event of the seeds' contract; it names the entity, not the table. */
  | { kind: 'seed'; entity: string; change: CapturedChange };
