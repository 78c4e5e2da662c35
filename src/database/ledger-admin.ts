/** The ledger's connection as an administrator, holding the lock that keeps a second migration out. */
export interface LedgerAdmin {
  /** Makes the ledger's schema or database and its table of migrations, where they are missing. */
  prepare(): Promise<void>;
  appliedMigrations(): Promise<string[]>;
  /** Runs one migration file and records it; in one transaction where the engine's DDL has any. */
  apply(name: string, statements: string): Promise<void>;
  /** Makes the role where it is missing and grants what it needs on the ledger. Idempotent. */
  grant(role: LedgerRole): Promise<void>;
  /** Gives the role the means of origin marks; false where the server or the administrator's rights have none. */
  grantOriginMarks(role: LedgerRole, origins: number): Promise<boolean>;
  close(): Promise<void>;
}

/** The role in a side's database URL. */
export interface LedgerRole {
  name: string;
  password: string;
}

export function roleOf(url: string): LedgerRole {
  const { username, password } = new URL(url);
  return { name: decodeURIComponent(username), password: decodeURIComponent(password) };
}

/** How long a migration waits for one that runs, milliseconds. */
export const migrationLockTimeout = 60_000;
