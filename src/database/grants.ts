import type { Engine } from '../pipeline/define.ts';
import type { InspectedTable } from './inspected-table.ts';
import * as mysql from './mysql/grants.ts';
import * as postgres from './postgres/grants.ts';

/**
 * Who logs in to a side's database for Tandem. sync: workers, endpoints and ingesters; capture: the connector; migration: `tandem
 * migrate`; operator: who only looks.
 */
export const databaseRoles = ['sync', 'capture', 'migration', 'operator'] as const;
export type DatabaseRole = (typeof databaseRoles)[number];

export interface GrantScope {
  database: string;
  /** Those of the pipeline. */
  tables: readonly InspectedTable[];
  /** Schema (PostgreSQL) or database (MySQL) of the ledger; null where the side has none. */
  ledger: string | null;
}

/** Privileges on one thing. */
export interface Grant {
  privileges: readonly string[];
  /** As statements name it; null: attributes of the role itself (PostgreSQL), the whole server (MySQL). */
  on: string | null;
  /** Of the table it is on: the sequence that gives this column its values, where there is one. */
  sequenceOf?: string;
  /** Of the marks that writes carry: not every server has them, or lets its administrator give them. */
  optional?: true;
}

/** The grants of one engine, and how they are written. */
export interface GrantDialect {
  /** All that a role needs, but for what `tandem migrate` grants Tandem's role in the ledger. */
  grantsOf: (role: DatabaseRole, scope: GrantScope) => Grant[];
  ledgerTable: (ledger: string, table: string) => string;
  grant: (grant: Grant, role: string) => string;
  revoke: (grant: Grant, role: string) => string;
  /** Makes the role, closed, where it is missing; and the place of the ledger. */
  prepare: (role: string, ledger: string | null) => string[];
  /** Opens it; the password is left to whoever runs it. */
  open: (role: string) => string;
}

const dialects: Record<Engine, GrantDialect> = { postgres, mysql };
export const grantDialect = (engine: Engine): GrantDialect => dialects[engine];
