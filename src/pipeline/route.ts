import type { Row } from '../change/value.ts';
import type { ColumnKind } from './columns.ts';
import type {
  ConflictPolicy,
  Engine,
  KeyStrategy,
  PollingDefinition,
  SideVariable,
  ValueCodec,
} from './define.ts';
import type { EffectDefinition } from './effects.ts';
import type { EndpointDefinition } from './endpoints.ts';
import type { JobDefinition } from './jobs.ts';
import type { z } from 'zod';

export interface CompiledColumn {
  name: string;
  kind: ColumnKind;
  nullable: boolean;
  schema: z.ZodType;
}

export interface CompiledTable {
  side: string;
  engine: Engine;
  /** Null on MySQL: the connection's database. */
  schema: string | null;
  name: string;
  key: readonly string[];
  /** Declared columns by name. */
  columns: ReadonlyMap<string, CompiledColumn>;
  /** Null where the table keeps no row clock. */
  clock: string | null;
  /** Null where the table has no `source` column. */
  sourceColumn: string | null;
}

/** What Tandem writes to the target beside the mapped columns; two-way entities have none. */
export interface Stamps {
  /** The column that marks a deleted row; null: deleted rows go. */
  deletedAt: CompiledColumn | null;
  syncedAt: CompiledColumn | null;
  constants: Row;
}

export interface Parent {
  entity: string;
  keyStrategy: KeyStrategy;
  /** The parent's table on this route's target; null where it lies elsewhere, under a key that follows from its source's. */
  table: CompiledTable | null;
  /** The side that holds the claims of the parent's pairs; null where its rows are not matched by a natural key. */
  claimsOn: string | null;
}

export interface MappedColumn {
  from: CompiledColumn;
  to: CompiledColumn;
  codec: ValueCodec | null;
  /** Which way through the codec this route goes. */
  codecDirection: 'decode' | 'encode';
  /** The entity whose row key the value is; null for ordinary values. */
  references: Parent | null;
}

/** A column of another entity's target table that holds this entity's key. */
export interface IncomingReference {
  entity: string;
  table: CompiledTable;
  column: string;
}

/** Columns of a row that are decided together. */
export interface ColumnGroup {
  /** Column of the clock at which one of them was last changed; the same on both sides. */
  clock: string;
  columns: readonly MappedColumn[];
}

export interface Merge {
  groups: readonly ColumnGroup[];
  /** Column of the clock at which the row was inserted. */
  born: string;
}

/** One entity in one direction: everything applying its events needs. */
export interface Route {
  pipeline: string;
  entity: string;
  source: CompiledTable;
  target: CompiledTable;
  columns: readonly MappedColumn[];
  twoWay: boolean;
  keyStrategy: KeyStrategy;
  policy: ConflictPolicy;
  /** The target's columns of the natural key; null where rows are not matched by one. */
  matchOn: readonly string[] | null;
  /** Present under `merge_columns`. */
  merge: Merge | null;
  stamps: Stamps;
  /** False: the target's ledger alone is written. */
  loads: boolean;
  /** The side that wins when two versions carry the same clock. */
  fixedSide: string;
  /** Tables of the target side that refer to this entity's rows. */
  referencedBy: readonly IncomingReference[];
}

export interface CompiledSide {
  name: string;
  engine: Engine;
  /** Null: in the variable of the side's name. */
  url: string | { env: string } | null;
  aliases: Partial<Record<SideVariable, string>>;
  /** Name the embedded stack gives the side's database. */
  database: string;
  groupId: string;
  /** Null: one topic per table, named when the side's database name is known. */
  topics: readonly string[] | null;
  connector: string;
  healthCheck: string;
  /** Null: its log is read. */
  polling: PollingDefinition | null;
  /** Tables captured from this side's log, parents before children. */
  tables: readonly CompiledTable[];
  /** Rows flow to it. Where none do, Tandem writes nothing there: it has no ledger and its sessions carry no mark. */
  isTarget: boolean;
}

export interface CompiledPipeline {
  name: string;
  sides: ReadonlyMap<string, CompiledSide>;
  /** Entity names, parents before children. */
  entities: readonly string[];
  routes: readonly Route[];
  /** What follows an applied event of an entity, in order. */
  effects(entity: string): readonly EffectDefinition[];
  jobs: readonly JobDefinition[];
  endpoints: readonly EndpointDefinition[];
  /** Its code uses the cache. */
  cache: boolean;
  /** The route of an entity's events from a side; undefined where the entity does not flow that way. */
  route(entity: string, from: string): Route | undefined;
  /** Routes that capture a table, matched by side and `schema.table` (schema null matches any). */
  routesFrom(side: string, schema: string, table: string): readonly Route[];
}
