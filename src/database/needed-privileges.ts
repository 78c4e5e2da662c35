import type { InspectedTable } from './inspected-table.ts';

export const reading = ['SELECT'] as const;
export const writing = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;

/** What Tandem's role needs on a table of a pipeline. */
export const tablePrivileges = ({ written }: Pick<InspectedTable, 'written'>): readonly string[] =>
  written ? writing : reading;

/** What Tandem's role needs in the ledger, by table. */
export const ledgerPrivileges: Readonly<Record<string, readonly string[]>> = {
  entity_mappings: writing,
  processed_events: ['SELECT', 'INSERT', 'DELETE'],
  local_tombstones: ['SELECT', 'DELETE'],
  conflicts: ['SELECT', 'INSERT'],
  // UPDATE also for the lock under which a claim is looked at.
  identity_claims: ['SELECT', 'INSERT', 'UPDATE'],
  waiting_events: writing,
  ledger_migrations: reading,
};

/** What it does not need there, and may have been given by an earlier version. */
export const neverNeeded = (table: string): string[] =>
  writing.filter((privilege) => !ledgerPrivileges[table]?.includes(privilege));
