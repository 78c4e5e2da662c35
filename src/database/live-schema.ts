import type { Engine } from '../pipeline/define.ts';
import type { TableDescription, UniqueIndex } from './contract.ts';
import { liveTables as mysqlTables } from './mysql/live-tables.ts';
import type { PlainConnection } from './plain-connection.ts';
import { liveTables as postgresTables } from './postgres/live-tables.ts';

export interface ForeignKey {
  columns: readonly string[];
  /** The table referred to, of the same schema. */
  parent: string;
  parentColumns: readonly string[];
  /** What a parent's delete does to its children, where the database itself does it. */
  onDelete: 'cascade' | 'set null' | 'refuse';
}

/** A table as its database describes it: what a mapping can be guessed from, and what Tandem's SQL has to name. */
export interface LiveTable {
  /** Null on MySQL: the connection's database. */
  schema: string | null;
  name: string;
  columns: TableDescription;
  /** Empty where it has no primary key. */
  key: readonly string[];
  /** The primary key's is not among them. */
  uniques: readonly UniqueIndex[];
  foreignKeys: readonly ForeignKey[];
  /** Columns whose values the database computes; nobody can write them. */
  computed: ReadonlySet<string>;
  /** Columns that the database writes by itself whenever a row changes. */
  touched: ReadonlySet<string>;
  /** Names of its triggers. */
  triggers: readonly string[];
  /** The key is a number that the database gives a new row. */
  numbered: boolean;
}

const readers: Record<Engine, (connection: PlainConnection) => Promise<LiveTable[]>> = {
  postgres: postgresTables,
  mysql: mysqlTables,
};

/**
 * The ordinary tables that a connection sees, by name; Tandem's own and PostgreSQL's partitions are left out. Reads the
 * catalogue alone.
 */
export const liveTables = (engine: Engine, connection: PlainConnection): Promise<LiveTable[]> =>
  readers[engine](connection);
