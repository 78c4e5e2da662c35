import type { ColumnKind } from '../pipeline/columns.ts';
import type { Engine } from '../pipeline/define.ts';
import type { CompiledTable } from '../pipeline/route.ts';
import type { ColumnDescription } from './contract.ts';
import * as mysql from './mysql/inspect.ts';
import * as mysqlPrivileges from './mysql/inspect-privileges.ts';
import { connectPlain } from './plain-connection.ts';
import type { PlainConnection } from './plain-connection.ts';
import * as postgres from './postgres/inspect.ts';
import * as postgresPrivileges from './postgres/inspect-privileges.ts';

/** Something Tandem asks of a database, and whether it is so. Never holds a row value. */
export interface Requirement {
  /** What it is about: a setting, a table, a privilege. */
  subject: string;
  met: boolean;
  /** What follows when it is not met: Tandem does not work, or works with the limit that `found` names. */
  severity: 'fail' | 'warn';
  /** What stands, in a few words. */
  found: string;
  /** What to run or to set; null where it is met. */
  repair: string | null;
}

export interface InspectedTable {
  table: CompiledTable;
  /** Changes of its app are captured: it needs triggers and the whole row in the log. */
  captured: boolean;
  /** Tandem writes to it. */
  written: boolean;
}

/** What each engine's `inspect.ts` and `inspect-privileges.ts` export: the questions doctor asks, in the engine's own SQL. */
export interface Inspection {
  /** Inside the supported range, and what is missing in this version. */
  inspectVersion: (connection: PlainConnection) => Promise<Requirement[]>;
  /** The log is written as Debezium reads it, with room for Tandem's `connections` per process. */
  inspectLog: (connection: PlainConnection, connections: number) => Promise<Requirement[]>;
  /** What the connection's own role may do: rows, ledger, origin marks. */
  inspectPrivileges: (
    connection: PlainConnection,
    tables: readonly InspectedTable[],
    ledger?: string,
  ) => Promise<Requirement[]>;
  /** What the connector's role may do; empty where this connection may not see it. */
  inspectReader: (
    connection: PlainConnection,
    role: string,
    tables: readonly InspectedTable[],
  ) => Promise<Requirement[]>;
  /** Triggers, before images, and values the other engine cannot hold. */
  inspectTable: (connection: PlainConnection, table: InspectedTable) => Promise<Requirement[]>;
  /** Whether a live column can hold the values of a declared kind. */
  carriesKind: (kind: ColumnKind, column: ColumnDescription) => boolean;
}

const inspections: Record<Engine, Inspection> = {
  postgres: { ...postgres, ...postgresPrivileges },
  mysql: { ...mysql, ...mysqlPrivileges },
};

export const inspection = (engine: Engine): Inspection => inspections[engine];

export const openInspection = (engine: Engine, url: string): Promise<PlainConnection> =>
  connectPlain(engine, url);
