import type { Engine } from '../pipeline/define.ts';
import type { Around } from './observed-pool.ts';

/** How to reach one side's database. */
export interface ConnectionOptions {
  engine: Engine;
  side: string;
  /** `postgres://…` or `mysql://…`, of the role Tandem works as. */
  url: string;
  /** Connections at most; on PostgreSQL each leases an origin of its own. */
  poolSize: number;
  /** After so long a connection is closed when it is given back, milliseconds; default: never. */
  lifetimeMs?: number;
  /** Schema (PostgreSQL) or database (MySQL) of the ledger; default `tandem`, the name the pipelines' triggers use. */
  ledger?: string;
  /** False: no session asks for an origin mark. Default: each takes one where server and role allow it. */
  originMarks?: boolean;
  /** About each statement. */
  around?: Around;
}

export const defaultLedger = 'tandem';

/** Prefix of the origin names and the GTID tag: triggers and connector filters recognise Tandem by it. */
export const originPrefix = 'tandem';
