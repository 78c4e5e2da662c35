import type { InspectedTable } from '../inspected-table.ts';
import type { DatabaseRole, Grant, GrantScope } from '../grants.ts';
import { reading, tablePrivileges, writing } from '../needed-privileges.ts';
import { namedAccount } from './account.ts';
import { quoted } from './inspected-name.ts';

const everywhere = (...privileges: string[]): Grant => ({ privileges, on: null });

/** See which log files there still are. */
export const logLooking = ['REPLICATION CLIENT'];
/** Mark its transactions. */
export const marking = ['TRANSACTION_GTID_TAG', 'REPLICATION_APPLIER'];
/** Read the log; and the short read lock under which a snapshot notes its position. RELOAD would do, and delete the log as well. */
export const logReading = ['REPLICATION SLAVE', 'REPLICATION CLIENT', 'FLUSH_TABLES'];

export function grantsOf(role: DatabaseRole, { database, tables, ledger }: GrantScope): Grant[] {
  const name = ({ table }: InspectedTable) => ledgerTable(table.schema ?? database, table.name);
  const reads = (read: GrantScope['tables']) =>
    read.map((table) => ({ privileges: reading, on: name(table) }));
  const grants: Record<DatabaseRole, () => Grant[]> = {
    sync: () => [
      everywhere(...logLooking),
      ...(ledger === null ? [] : [{ ...everywhere(...marking), optional: true as const }]),
      ...tables.map((table) => ({ privileges: tablePrivileges(table), on: name(table) })),
    ],
    capture: () => [everywhere(...logReading), ...reads(tables.filter(({ captured }) => captured))],
    migration: () =>
      ledger === null
        ? []
        : [
            {
              privileges: ['CREATE', 'ALTER', 'INDEX', ...writing, 'GRANT OPTION'],
              on: allOf(ledger),
            },
            // Which hosts the account of Tandem's role is for.
            { privileges: ['SELECT (Host, User)'], on: '`mysql`.`user`' },
          ],
    operator: () => [
      everywhere(...logLooking),
      ...reads(tables),
      ...(ledger === null ? [] : [{ privileges: reading, on: allOf(ledger) }]),
    ],
  };
  return grants[role]();
}

/** `_` and `%` would stand for any. */
const allOf = (database: string): string => `${quoted(database.replaceAll(/[\\_%]/g, String.raw`\$&`))}.*`;

export const ledgerTable = (ledger: string, table: string): string => `${quoted(ledger)}.${quoted(table)}`;

const account = (role: string): string => namedAccount(role, '%').account;
const at = ({ on }: Grant): string => on ?? '*.*';

export function grant(each: Grant, role: string): string {
  const given = each.privileges.filter((privilege) => privilege !== 'GRANT OPTION');
  const option = given.length < each.privileges.length ? ' WITH GRANT OPTION' : '';
  return `GRANT ${given.join(', ') || 'USAGE'} ON ${at(each)} TO ${account(role)}${option}`;
}

export const revoke = (each: Grant, role: string): string =>
  `REVOKE ${each.privileges.join(', ')} ON ${at(each)} FROM ${account(role)}`;

export const prepare = (role: string): string[] => [
  `CREATE USER IF NOT EXISTS ${account(role)} IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK`,
];

export const open = (role: string): string => `ALTER USER ${account(role)} IDENTIFIED BY '…' ACCOUNT UNLOCK`;
