import { defaultLedger } from '../connection.ts';
import type { InspectedTable } from '../inspected-table.ts';
import type { Remedy, Requirement } from '../requirement.ts';
import type { PlainConnection } from '../plain-connection.ts';
import { ledgerPrivileges, tablePrivileges } from '../needed-privileges.ts';
import { advised, required } from '../requirement.ts';
import { ledgerTable, logReading } from './grants.ts';
import { accountOf } from './account.ts';
import { fullName, quoted } from './inspected-name.ts';
import { version } from './server-version.ts';

/** `EXPLAIN` needs the privileges of the statement it explains, however they were granted, and runs nothing. */
async function mayRun(connection: PlainConnection, statement: string): Promise<boolean | 'no table'> {
  try {
    await connection.query(`EXPLAIN ${statement}`);
    return true;
  } catch (error) {
    const { errno } = error as { errno?: number };
    if (errno === 1142 || errno === 1143 || errno === 1044 || errno === 1370) return false;
    if (errno === 1146 || errno === 1049) return 'no table';
    throw error;
  }
}

const statements: Record<string, (name: string, column: string) => string> = {
  SELECT: (name) => `SELECT * FROM ${name} WHERE FALSE`,
  INSERT: (name, column) => `INSERT INTO ${name} (${column}) VALUES (NULL)`,
  UPDATE: (name, column) => `UPDATE ${name} SET ${column} = NULL WHERE FALSE`,
  DELETE: (name) => `DELETE FROM ${name} WHERE FALSE`,
};

/** A column of a table of the ledger to try it on. */
const tried = (table: string): string =>
  ({ local_tombstones: 'row_key', ledger_migrations: 'name', identity_claims: 'other_key' })[table] ??
  (table === 'waiting_events' ? 'awaited_key' : 'target_key');

async function roleOf(connection: PlainConnection): Promise<string> {
  const [own] = await connection.query('SELECT CURRENT_USER() AS role');
  return String(own?.['role']);
}

export async function inspectPrivileges(
  connection: PlainConnection,
  tables: readonly InspectedTable[],
  ledger: string | null = defaultLedger,
): Promise<Requirement[]> {
  const role = await roleOf(connection);
  const { account } = accountOf(role);
  const requirements: Requirement[] = [];
  const grantable = async (
    subject: string,
    name: string,
    needed: readonly string[],
    column: string,
    remedy?: Remedy,
  ) => {
    const lacking: string[] = [];
    for (const privilege of needed) {
      const statement = statements[privilege];
      if (statement === undefined) continue;
      const may = await mayRun(connection, statement(name, quoted(column)));
      // another check reports it
      if (may === 'no table') return;
      if (!may) lacking.push(privilege);
    }
    requirements.push(
      required({
        subject,
        met: lacking.length === 0,
        found:
          lacking.length === 0 ? `${role} may ${needed.join(', ')}` : `${role} may not ${lacking.join(', ')}`,
        repair:
          remedy === undefined ? `GRANT ${lacking.join(', ')} ON ${name} TO ${account}` : 'tandem migrate',
        remedy,
      }),
    );
  };
  for (const inspected of tables) {
    const { table } = inspected;
    const column = table.key[0] ?? 'id';
    await grantable(`privileges on ${table.name}`, fullName(inspected), tablePrivileges(inspected), column);
  }
  if (ledger === null) return requirements;
  for (const [table, needed] of Object.entries(ledgerPrivileges))
    await grantable(
      `privileges on ${ledger}.${table}`,
      ledgerTable(ledger, table),
      needed,
      tried(table),
      'migrate',
    );
  return requirements;
}

/** Tries what a marked session does; MySQL has no question for it. */
export async function inspectOriginMarks(connection: PlainConnection): Promise<Requirement> {
  const role = await roleOf(connection);
  const subject = 'origin marks';
  if ((await version(connection)).number < 803)
    return advised({ subject, met: true, found: 'this version has none', repair: '' });
  try {
    await connection.query("SET SESSION gtid_next = 'AUTOMATIC:tandem'");
    await connection.query("SET SESSION gtid_next = 'AUTOMATIC'");
    return advised({ subject, met: true, found: `${role} may mark its writes`, repair: '' });
  } catch {
    return advised({
      subject,
      met: false,
      found: `${role} may not mark its writes`,
      repair: 'tandem migrate',
      remedy: 'migrate',
    });
  }
}

export async function inspectReader(
  connection: PlainConnection,
  role: string,
  tables: readonly InspectedTable[],
): Promise<Requirement[]> {
  const grantee = `'${role}'@%`;
  const rows = await connection.query(
    'SELECT GRANTEE AS grantee, PRIVILEGE_TYPE AS privilege FROM information_schema.USER_PRIVILEGES WHERE GRANTEE LIKE ?',
    [grantee],
  );
  // an ordinary role sees only itself
  if (rows.length === 0) return [];
  const [account] = rows.map((row) => String(row['grantee']));
  const held = new Set(rows.map((row) => String(row['privilege'])));
  // RELOAD, which earlier versions asked for, is more of the same.
  const lacking = logReading.filter(
    (privilege) => !held.has(privilege) && !(privilege === 'FLUSH_TABLES' && held.has('RELOAD')),
  );
  const requirements = [
    required({
      subject: `user ${role}`,
      met: lacking.length === 0,
      found: lacking.length === 0 ? 'may read the log' : `may not read the log: lacks ${lacking.join(', ')}`,
      repair: `GRANT ${lacking.join(', ')} ON *.* TO ${account}`,
    }),
  ];
  const readable = await connection.query(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLE_PRIVILEGES
       WHERE GRANTEE LIKE ? AND PRIVILEGE_TYPE = 'SELECT' AND TABLE_SCHEMA = DATABASE()
     UNION SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND EXISTS (
       SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES
         WHERE GRANTEE LIKE ? AND PRIVILEGE_TYPE = 'SELECT' AND TABLE_SCHEMA = DATABASE()
       UNION SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE GRANTEE LIKE ? AND PRIVILEGE_TYPE = 'SELECT')`,
    [grantee, grantee, grantee],
  );
  const names = new Set(readable.map((row) => String(row['name'])));
  for (const inspected of tables.filter(({ captured, table }) => captured && table.schema === null)) {
    const may = names.has(inspected.table.name);
    requirements.push(
      required({
        subject: `${role} on ${inspected.table.name}`,
        met: may,
        found: may ? 'may SELECT' : 'may not SELECT',
        repair: `GRANT SELECT ON ${fullName(inspected)} TO ${account}`,
      }),
    );
  }
  return requirements;
}
