import type { PlainConnection } from '../plain-connection.ts';
import { accountOf, namedAccount } from './account.ts';
import type { Account } from './account.ts';
import { ledgerPrivileges, tablePrivileges } from '../needed-privileges.ts';
import { advised } from '../requirement.ts';
import type { Requirement } from '../requirement.ts';
import type { RoleNeeds } from '../role-needs.ts';
import { logLooking, logReading, marking } from './grants.ts';
import { coversSchema, grantedRoles, parseGrant } from './grant-line.ts';
import type { GrantLine } from './grant-line.ts';

const neededEverywhere = ['USAGE', ...logLooking, ...marking];
/** Of who reads the log; the last two where a managed server gives no lock of all tables. */
const neededOfReader = [...logReading, 'SHOW DATABASES', 'LOCK TABLES'];
/** What changes nothing. */
const harmless = ['USAGE', 'SHOW VIEW', 'EXECUTE'];

/** From so many on nobody reads a list of them. */
const many = 8;

interface Place {
  database: string;
  table: string;
  /** What is needed of it. */
  needed: readonly string[];
}

/** What a grant gives beyond what these places need. */
export function excessOf(grant: GrantLine, places: readonly Place[], readsLog: boolean): string[] {
  const { privileges, schema, table } = grant;
  const without = (allowed: readonly string[]) => privileges.filter((each) => !allowed.includes(each));
  if (schema === '*') return without(readsLog ? [...neededEverywhere, ...neededOfReader] : neededEverywhere);
  const covered = places.filter(
    (place) => coversSchema(schema, place.database) && (table === '*' || place.table === table),
  );
  if (covered.length === 0) return [];
  return without([
    ...harmless,
    ...privileges.filter((each) => covered.every(({ needed }) => needed.includes(each))),
  ]);
}

interface Excess {
  place: string;
  privileges: string[];
}

function told({ place, privileges }: Excess): { found: string } {
  const some = `${privileges.slice(0, 3).join(', ')} and ${privileges.length - 3} more`;
  return { found: `may ${privileges.length < many ? privileges.join(', ') : some} on ${place}` };
}

const revoke = ({ place, privileges }: Excess, account: string): string =>
  privileges.length < many
    ? `REVOKE ${privileges.join(', ')} ON ${place} FROM ${account}`
    : `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${account}; then run what tandem grants prints, and tandem migrate`;

/** What is not among others. */
const without = ({ place, privileges }: Excess, others: readonly Excess[]): Excess => {
  const known = others.filter((other) => other.place === place).flatMap((other) => other.privileges);
  return { place, privileges: privileges.filter((each) => !known.includes(each)) };
};

export async function inspectExcess(
  connection: PlainConnection,
  { role: asked, tables, ledger, readsLog }: RoleNeeds,
): Promise<Requirement[]> {
  const [self] = await connection.query('SELECT CURRENT_USER() AS role, DATABASE() AS name');
  const database = String(self?.['name']);
  const places: Place[] = [
    ...tables.map((each) => ({
      database: each.table.schema ?? database,
      table: each.table.name,
      needed: tablePrivileges(each),
    })),
    ...(ledger === null ? [] : Object.entries(ledgerPrivileges)).map(([table, needed]) => ({
      database: ledger!,
      table,
      needed,
    })),
  ];
  const shown = async (account: string, using = '') => {
    const rows = await connection.query(`SHOW GRANTS FOR ${account}${using}`);
    return rows.map((row) => String(Object.values(row)[0]));
  };
  const excessIn = (lines: readonly string[]): Excess[] =>
    lines
      .flatMap((line) => parseGrant(line) ?? [])
      .map((grant) => ({ place: grant.place, privileges: excessOf(grant, places, readsLog) }))
      .filter(({ privileges }) => privileges.length > 0);

  const accounts = asked === null ? [accountOf(String(self?.['role']))] : await accountsOf(connection, asked);
  const found: Requirement[] = [];
  for (const { subject, account } of accounts) {
    const lines = await shown(account);
    const own = excessIn(lines);
    const excess = own.map((each) => ({ ...told(each), repair: revoke(each, account) }));
    for (const role of lines.flatMap(grantedRoles)) {
      const more = excessIn(await shown(account, ` USING ${role}`))
        .map((each) => without(each, own))
        .filter(({ privileges }) => privileges.length > 0);
      for (const each of more)
        excess.push({
          found: `${told(each).found}, by the role ${role}`,
          repair: `REVOKE ${role} FROM ${account}`,
        });
    }
    for (const each of excess) found.push(advised({ subject, met: false, ...each }));
    if (excess.length === 0)
      found.push(advised({ subject, met: true, found: 'may do no more than it must', repair: '' }));
  }
  return found;
}

/** None where the connection may not see them. */
async function accountsOf(connection: PlainConnection, user: string): Promise<Account[]> {
  try {
    const rows = await connection.query('SELECT host AS host FROM mysql.user WHERE user = ?', [user]);
    return rows.map(({ host }) => namedAccount(user, String(host)));
  } catch (error) {
    if ((error as { errno?: number }).errno === 1142) return [];
    throw error;
  }
}
