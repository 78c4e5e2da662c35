import type { InspectedTable } from './inspected-table.ts';

/** A role, and all that it must be able to do. */
export interface RoleNeeds {
  /** Null: the connection's own. */
  role: string | null;
  /** It reads them, and writes to those that are `written`. */
  tables: readonly InspectedTable[];
  /** Null where it has no business there. */
  ledger: string | null;
  readsLog: boolean;
}
