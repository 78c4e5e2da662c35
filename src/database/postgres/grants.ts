import type { DatabaseRole, Grant, GrantScope } from '../grants.ts';
import { reading, tablePrivileges } from '../needed-privileges.ts';
import { fullName, quoted } from './inspected-name.ts';

/** Marks a session's writes; ordinary roles may not call it. */
export const markFunction = 'pg_replication_origin_session_setup(text)';

export function grantsOf(role: DatabaseRole, { database, tables, ledger }: GrantScope): Grant[] {
  const schemas = [...new Set(tables.map(({ table }) => `SCHEMA ${quoted(table.schema ?? 'public')}`))];
  const entry: Grant[] = [
    { privileges: ['CONNECT'], on: `DATABASE ${quoted(database)}` },
    ...schemas.map((on) => ({ privileges: ['USAGE'], on })),
  ];
  const reads = (read: GrantScope['tables']) =>
    read.map((table) => ({ privileges: reading, on: fullName(table) }));
  const ledgerSchema = ledger === null ? [] : [`SCHEMA ${quoted(ledger)}`];
  const ledgerUsage = ledgerSchema.map((on) => ({ privileges: ['USAGE'], on }));
  const grants: Record<DatabaseRole, () => Grant[]> = {
    sync: () => [
      ...entry,
      ...tables.map((table) => ({ privileges: tablePrivileges(table), on: fullName(table) })),
      ...ledgerUsage,
      ...(ledger === null ? [] : [optional(markFunction)]),
    ],
    capture: () => [
      { privileges: ['REPLICATION'], on: null },
      ...entry,
      ...reads(tables.filter(({ captured }) => captured)),
    ],
    migration: () => [
      ...entry,
      ...ledgerSchema.map((on) => ({ privileges: ['USAGE', 'CREATE'], on })),
      optional('pg_replication_origin_create(text)'),
      // Of the ledger's function that keeps given keys from being handed out again: it acts as its owner.
      ...tables
        .filter(({ table, written }) => written && table.key.length === 1)
        .map((each) => ({
          privileges: ['USAGE', 'UPDATE'],
          on: fullName(each),
          sequenceOf: each.table.key[0]!,
        })),
    ],
    operator: () => [
      ...entry,
      ...reads(tables),
      ...ledgerUsage,
      ...ledgerSchema.map((on) => ({ privileges: reading, on: `ALL TABLES IN ${on}` })),
    ],
  };
  return grants[role]();
}

const optional = (called: string): Grant => ({
  privileges: ['EXECUTE'],
  on: `FUNCTION pg_catalog.${called}`,
  optional: true,
});

export const ledgerTable = (ledger: string, table: string): string => `${quoted(ledger)}.${quoted(table)}`;

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function statement(verb: string, { privileges, on, sequenceOf }: Grant, role: string): string {
  const [kept, direction] = verb === 'GRANT' ? ['', 'TO'] : ['NO', 'FROM'];
  if (on === null)
    return `ALTER ROLE ${quoted(role)} ${privileges.map((attribute) => kept + attribute).join(' ')}`;
  const what = `${verb} ${privileges.join(', ')} ON`;
  if (sequenceOf === undefined) return `${what} ${on} ${direction} ${quoted(role)}`;
  const sequence = `pg_get_serial_sequence(${literal(on)}, ${literal(sequenceOf)})`;
  return `DO $$ BEGIN IF ${sequence} IS NOT NULL THEN
  EXECUTE ${literal(`${what} SEQUENCE `)} || ${sequence} || ${literal(` ${direction} ${quoted(role)}`)};
END IF; END $$`;
}

export const grant = (each: Grant, role: string): string => statement('GRANT', each, role);
export const revoke = (each: Grant, role: string): string => statement('REVOKE', each, role);

export const prepare = (role: string, ledger: string | null): string[] => [
  `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(role)}) THEN
  CREATE ROLE ${quoted(role)} NOLOGIN;
END IF; END $$`,
  ...(ledger === null ? [] : [`CREATE SCHEMA IF NOT EXISTS ${quoted(ledger)}`]),
];

export const open = (role: string): string => `ALTER ROLE ${quoted(role)} LOGIN PASSWORD '…'`;
