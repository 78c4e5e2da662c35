import { defaultLedger } from '../connection.ts';
import type { InspectedTable } from '../inspected-table.ts';
import type { Remedy, Requirement } from '../requirement.ts';
import type { PlainConnection } from '../plain-connection.ts';
import { ledgerPrivileges, reading, tablePrivileges } from '../needed-privileges.ts';
import { advised, required } from '../requirement.ts';
import { ledgerTable, markFunction } from './grants.ts';
import { fullName, quoted } from './inspected-name.ts';

/** The privileges of these that the role lacks; null where the table does not exist, which another check reports. */
async function missing(
  connection: PlainConnection,
  role: string,
  name: string,
  needed: readonly string[],
): Promise<string[] | null> {
  const rows = await connection.query(
    `SELECT privilege, has_table_privilege($1, to_regclass($2), privilege) AS held
     FROM unnest($3::text[]) AS privilege WHERE to_regclass($2) IS NOT NULL`,
    [role, name, needed],
  );
  if (rows.length === 0) return null;
  return rows.filter(({ held }) => held !== true).map(({ privilege }) => String(privilege));
}

async function roleOf(connection: PlainConnection): Promise<string> {
  const [own] = await connection.query('SELECT current_user::text AS role');
  return String(own?.['role']);
}

export async function inspectPrivileges(
  connection: PlainConnection,
  tables: readonly InspectedTable[],
  ledger: string | null = defaultLedger,
): Promise<Requirement[]> {
  const role = await roleOf(connection);
  const requirements: Requirement[] = [];
  const grantable = async (subject: string, name: string, needed: readonly string[], remedy?: Remedy) => {
    const lacking = await missing(connection, role, name, needed);
    if (lacking === null) return;
    requirements.push(
      required({
        subject,
        met: lacking.length === 0,
        found:
          lacking.length === 0 ? `${role} may ${needed.join(', ')}` : `${role} may not ${lacking.join(', ')}`,
        repair:
          remedy === undefined
            ? `GRANT ${lacking.join(', ')} ON ${name} TO ${quoted(role)}`
            : 'tandem migrate',
        remedy,
      }),
    );
  };
  for (const inspected of tables)
    await grantable(`privileges on ${inspected.table.name}`, fullName(inspected), tablePrivileges(inspected));
  if (ledger === null) return requirements;
  for (const [table, needed] of Object.entries(ledgerPrivileges))
    await grantable(`privileges on ${ledger}.${table}`, ledgerTable(ledger, table), needed, 'migrate');
  return requirements;
}

export async function inspectOriginMarks(connection: PlainConnection): Promise<Requirement> {
  const role = await roleOf(connection);
  const [row] = await connection.query("SELECT has_function_privilege($1, 'EXECUTE') AS allowed", [
    `pg_catalog.${markFunction}`,
  ]);
  const met = row?.['allowed'] === true;
  return advised({
    subject: 'replication origins',
    met,
    found: met ? `${role} may mark its writes` : `${role} may not mark its writes: no origin marks`,
    repair: 'tandem migrate',
    remedy: 'migrate',
  });
}

export async function inspectReader(
  connection: PlainConnection,
  role: string,
  tables: readonly InspectedTable[],
): Promise<Requirement[]> {
  const [row] = await connection.query(
    'SELECT rolreplication OR rolsuper AS reads FROM pg_roles WHERE rolname = $1',
    [role],
  );
  if (row === undefined)
    return [
      required({
        subject: `role ${role}`,
        met: false,
        found: 'does not exist',
        repair: `CREATE ROLE ${quoted(role)} LOGIN REPLICATION`,
      }),
    ];
  const requirements = [
    required({
      subject: `role ${role}`,
      met: row['reads'] === true,
      found: row['reads'] === true ? 'may read the log' : 'may not read the log',
      repair: `ALTER ROLE ${quoted(role)} REPLICATION`,
    }),
  ];
  for (const inspected of tables.filter(({ captured }) => captured)) {
    const lacking = await missing(connection, role, fullName(inspected), reading);
    if (lacking === null) continue;
    requirements.push(
      required({
        subject: `${role} on ${inspected.table.name}`,
        met: lacking.length === 0,
        found: lacking.length === 0 ? 'may SELECT' : 'may not SELECT',
        repair: `GRANT SELECT ON ${fullName(inspected)} TO ${quoted(role)}`,
      }),
    );
  }
  return requirements;
}
