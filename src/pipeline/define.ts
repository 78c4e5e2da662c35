import type { z } from 'zod';
import type { ColumnSchema } from './columns.ts';
import type { EffectDefinition } from './effects.ts';
import type { EndpointDefinition } from './endpoints.ts';
import type { JobDefinition } from './jobs.ts';

export type Engine = 'postgres' | 'mysql';

/** A value read from the environment when a process starts. */
export interface FromEnvironment {
  env: string;
}

export const env = (name: string): FromEnvironment => ({ env: name });

/** Variables of a side that may have other names: where its database is, and how its changes come. */
export type SideVariable =
  'url' | 'host' | 'port' | 'database' | 'username' | 'password' | 'feed' | 'queueUrl';

/** How a side's changes come: Debezium's records in Kafka, or change records of AWS DMS in an SQS queue. */
export const feeds = ['kafka', 'sqs'] as const;
export type Feed = (typeof feeds)[number];

/** How changes of a side are found whose log cannot be read: its tables are looked at again and again. */
export interface PollingDefinition {
  /**
   * Column of the time of a row's last change, an index's first. What changes without it is not seen; a table that has none
   * is compared whole, as seldom as keys are.
   */
  changedAt: string;
}

export interface SideDefinition {
  engine: Engine;
  /** Instead of its log; sides that nothing flows to. */
  polling?: PollingDefinition;
  /** Default: `<SIDE>_DATABASE_URL`. */
  url?: string | FromEnvironment;
  /** Other names of the side's variables, as a deployment has them already. */
  aliases?: Partial<Record<SideVariable, string>>;
  /** Name of the database the embedded stack makes for the side; default `<side>_db`. */
  database?: string;
  /** Kafka consumer group; default `tandem-<pipeline>-<side>`. */
  groupId?: string;
  /** Topics to read; default one per table, `<side>.<schema>.<table>`. */
  topics?: readonly string[];
  /** Name of the Kafka Connect connector; default `<pipeline>-<side>`. */
  connector?: string;
  /** Name under which `/health` shows the database; default `database_<side>`. */
  healthCheck?: string;
}

type SideOptions = Omit<SideDefinition, 'engine'>;

export const postgres = (options: SideOptions): SideDefinition => ({ engine: 'postgres', ...options });
export const mysql = (options: SideOptions): SideDefinition => ({ engine: 'mysql', ...options });

export type TableColumns = Record<string, ColumnSchema>;

export interface TableDefinition<C extends TableColumns = TableColumns> {
  /** `schema.table`; without a schema: `public` on PostgreSQL, the connection's database on MySQL. */
  name: string;
  /** Columns Tandem reads or writes, with the schema of their canonical values. */
  columns: C;
  /** Primary-key columns; default `id`. */
  key: readonly string[];
}

export function table<C extends TableColumns>(
  name: string,
  columns: C,
  options: { key?: readonly (keyof C & string)[] } = {},
): TableDefinition<C> {
  return { name, columns, key: options.key ?? ['id'] };
}

/** A two-way value conversion from the entity's first side to its second; must be reversible. */
export type ValueCodec = z.ZodCodec<z.ZodType, z.ZodType>;

/** Column of the first side to its column on the second, with a codec where the values differ. */
export type ColumnMap = Record<string, string | readonly [string, ValueCodec]>;

/** How the target's key comes to be: by its auto-increment, as the source's, as a UUIDv5 of the source key, or by the column map. */
export type KeyStrategy = 'generated' | 'same' | 'uuid' | 'mapped';

/**
 * What happens when both sides changed a row. Two-way: `last_write_wins`; `side:<name>`, that side's version of two that
 * had not seen each other; `merge_columns`, the last write of each group of columns; `manual`, an operator decides, and
 * until then each side keeps its own. One-way: `source_wins`; `target_wins`, the target's own edits and deletes stay.
 */
export type ConflictPolicy =
  'last_write_wins' | `side:${string}` | 'merge_columns' | 'manual' | 'source_wins' | 'target_wins';

/** Columns of an entity's second side that Tandem writes beside the mapped ones. */
export interface TargetStamps {
  /**
   * Nullable time column: a row whose source row is gone stays, with the time of the delete in it, and comes back when its
   * source row does. Without one the row is deleted.
   */
  deletedAt?: string;
  /** Time column: when Tandem last wrote the row. */
  syncedAt?: string;
  /** What every new row holds: column to canonical value. */
  constants?: Record<string, string | boolean>;
}

export interface EntityDefinition {
  /** Side name to table: exactly two sides; the first one is the fixed side that wins ties. */
  tables: Record<string, TableDefinition>;
  columns: ColumnMap;
  /** Columns of the first side that hold the key of another entity's row: column to entity. */
  references?: Record<string, string>;
  /** `two_way`, or `one_way` from the first side to the second. Default `two_way`. */
  direction?: 'two_way' | 'one_way';
  key?: KeyStrategy;
  /**
   * Columns of the first side that are a row's natural key, unique together on both sides by an index over just them.
   * Rows that both sides make with one natural key become one pair. Two-way entities with generated keys only.
   */
  matchOn?: readonly string[];
  /** Default: `last_write_wins` for two-way entities, `source_wins` for one-way ones. */
  conflicts?: ConflictPolicy;
  /**
   * Under `merge_columns`: columns of the first side that are decided together, by the group's name; the others are one
   * group more. Both tables have a BIGINT `<clock>_<group>` for each, `<clock>_rest` and `<clock>_born`, kept by triggers.
   */
  columnGroups?: Record<string, readonly string[]>;
  /**
   * Column of the row clock on both sides, kept by triggers. Default `sync_clock`. Null: the tables have neither triggers
   * nor columns of Tandem's; two-way entities then need `conflicts: 'side:<name>'` and origin marks on both sides.
   */
  clock?: string | null;
  /** Column of the writer's name on both sides (the seeds' rule); null where the tables have none. Default `source`. */
  sourceColumn?: string | null;
  /** One-way entities only. */
  stamps?: TargetStamps;
  /**
   * False: the target's table is not written, nor needs it be there; its ledger keeps what is known of the rows, and messages
   * and other effects follow all the same. One-way entities whose keys follow from the source's.
   */
  load?: boolean;
}

export const entity = (definition: EntityDefinition): EntityDefinition => definition;

export interface PipelineDefinition {
  name: string;
  sides: Record<string, SideDefinition>;
  entities: Record<string, EntityDefinition>;
  effects?: readonly EffectDefinition[];
  jobs?: readonly JobDefinition[];
  endpoints?: readonly EndpointDefinition[];
  /** Its effects, jobs or endpoints use the cache: Redis at `REDIS_URL`. */
  cache?: boolean;
}

/** The shape of a pipeline file's default export. `compilePipeline` validates it. */
export const definePipeline = (definition: PipelineDefinition): PipelineDefinition => definition;
