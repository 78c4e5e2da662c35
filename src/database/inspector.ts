import type { ColumnKind } from '../pipeline/columns.ts';
import type { Engine } from '../pipeline/define.ts';
import type { ColumnDescription } from './contract.ts';
import type { InspectedTable } from './inspected-table.ts';
import * as mysql from './mysql/inspect.ts';
import type { LogRetention, NeededLog } from './log-retention.ts';
import * as mysqlPrivileges from './mysql/inspect-privileges.ts';
import { inspectExcess as mysqlExcess } from './mysql/inspect-excess.ts';
import { inspectRetention as mysqlRetention } from './mysql/inspect-retention.ts';
import { connectPlain } from './plain-connection.ts';
import type { PlainConnection } from './plain-connection.ts';
import * as postgres from './postgres/inspect.ts';
import * as postgresPrivileges from './postgres/inspect-privileges.ts';
import { inspectExcess as postgresExcess } from './postgres/inspect-excess.ts';
import { inspectRetention as postgresRetention } from './postgres/inspect-retention.ts';
import type { Requirement } from './requirement.ts';
import type { RoleNeeds } from './role-needs.ts';

/** What each engine's `inspect.ts` and `inspect-privileges.ts` export: the questions doctor asks, in the engine's own SQL. */
export interface Inspection {
  /** Inside the supported range, and what is missing in this version. */
  inspectVersion: (connection: PlainConnection) => Promise<Requirement[]>;
  /** The log is written as Debezium reads it. */
  inspectLog: (connection: PlainConnection) => Promise<Requirement[]>;
  /** There are marks for so many of Tandem's connections per process. */
  inspectMarkCapacity: (connection: PlainConnection, connections: number) => Promise<Requirement[]>;
  /** What the connection's own role may do: rows and, unless it is null, the ledger. */
  inspectPrivileges: (
    connection: PlainConnection,
    tables: readonly InspectedTable[],
    ledger?: string | null,
  ) => Promise<Requirement[]>;
  /** Whether the connection's own role may mark its writes. */
  inspectOriginMarks: (connection: PlainConnection) => Promise<Requirement>;
  /** What the connector's role may do; empty where this connection may not see it. */
  inspectReader: (
    connection: PlainConnection,
    role: string,
    tables: readonly InspectedTable[],
  ) => Promise<Requirement[]>;
  /**
   * What a role may do beyond its needs, each with the statement that takes it away; one that is met where there is
   * nothing. Empty where this connection may not see it.
   */
  inspectExcess: (connection: PlainConnection, needs: RoleNeeds) => Promise<Requirement[]>;
  /**
   * Triggers, before images, and values the other engine cannot hold. `publication`: what the side's connector reads by,
   * where that is known and the engine has one.
   */
  inspectTable: (
    connection: PlainConnection,
    table: InspectedTable,
    publication?: string | null,
  ) => Promise<Requirement[]>;
  /** Its clock now, microseconds since the epoch. */
  inspectClock: (connection: PlainConnection) => Promise<bigint>;
  /** Whether the server still has the log the connector needs, and for how long. */
  inspectRetention: (connection: PlainConnection, needed: NeededLog) => Promise<LogRetention>;
  /** Whether a live column can hold the values of a declared kind. */
  carriesKind: (kind: ColumnKind, column: ColumnDescription) => boolean;
}

const inspections: Record<Engine, Inspection> = {
  postgres: {
    ...postgres,
    ...postgresPrivileges,
    inspectExcess: postgresExcess,
    inspectRetention: postgresRetention,
  },
  mysql: { ...mysql, ...mysqlPrivileges, inspectExcess: mysqlExcess, inspectRetention: mysqlRetention },
};

export const inspection = (engine: Engine): Inspection => inspections[engine];

/** What a repair alters must not hold up the apps behind it. */
const impatience: Record<Engine, string> = {
  postgres: "SET lock_timeout = '5s'",
  mysql: 'SET SESSION lock_wait_timeout = 5',
};

export async function openInspection(engine: Engine, url: string): Promise<PlainConnection> {
  const connection = await connectPlain(engine, url);
  await connection.query(impatience[engine]);
  return connection;
}
