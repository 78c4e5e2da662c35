import type { PlainConnection } from '../plain-connection.ts';
import { ledgerPrivileges, tablePrivileges, writing } from '../needed-privileges.ts';
import { advised } from '../requirement.ts';
import type { Requirement } from '../requirement.ts';
import type { RoleNeeds } from '../role-needs.ts';
import { ledgerTable } from './grants.ts';
import { fullName, quoted } from './inspected-name.ts';

const attributes = [
  { column: 'rolcreaterole', name: 'CREATEROLE' },
  { column: 'rolcreatedb', name: 'CREATEDB' },
  { column: 'rolbypassrls', name: 'BYPASSRLS' },
  { column: 'rolreplication', name: 'REPLICATION' },
];

/** Roles that give more than any table's grant: PostgreSQL's own, and those of managed services. */
const mightyRoles = [
  'pg_read_all_data',
  'pg_write_all_data',
  'pg_maintain',
  'pg_read_server_files',
  'pg_write_server_files',
  'pg_execute_server_program',
  'rds_superuser',
  'cloudsqlsuperuser',
  'azure_pg_admin',
];

/** What the role owns, and what is granted to it, to a role it is a member of, or to everybody. */
const heldTooMuch = `
  WITH place AS (
    SELECT 'DATABASE' AS kind, quote_ident(datname) AS name, datdba AS owner, datacl AS acl, ARRAY['CREATE'] AS excess
      FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 'SCHEMA', quote_ident(nspname), nspowner, nspacl, ARRAY['CREATE']
      FROM pg_namespace WHERE nspname = ANY ($2)
    UNION ALL
    SELECT 'TABLE', wanted.name, relowner, relacl, string_to_array(wanted.excess, ', ')
      FROM unnest($3::text[], $4::text[]) AS wanted (name, excess)
      -- to_regclass would fail for a schema that the role may not use.
      JOIN (pg_class JOIN pg_namespace AS held_in ON held_in.oid = relnamespace)
        ON wanted.name = concat('"', replace(nspname, '"', '""'), '"."', replace(relname, '"', '""'), '"')
  ), judged AS (
    SELECT *, pg_has_role($1::name, owner, 'USAGE') AS owned FROM place
  )
  SELECT kind, name, NULL AS grantee, NULL AS privileges FROM judged WHERE owned
  UNION ALL
  SELECT kind, name, CASE WHEN held.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(held.grantee) END,
    string_agg(DISTINCT held.privilege_type, ', ')
  FROM judged, aclexplode(acl) AS held
  WHERE NOT owned AND held.privilege_type = ANY (excess)
    AND (held.grantee = 0 OR pg_has_role($1::name, held.grantee, 'USAGE'))
  GROUP BY kind, name, held.grantee`;

export async function inspectExcess(
  connection: PlainConnection,
  { role: asked, tables, ledger, readsLog }: RoleNeeds,
): Promise<Requirement[]> {
  const [own] = await connection.query(
    'SELECT * FROM pg_roles WHERE rolname = coalesce($1::text, current_user::text)',
    [asked],
  );
  if (own === undefined) return [];
  const role = String(own['rolname']);
  const found: Requirement[] = [];
  const excess = (what: string, repair: string) =>
    found.push(advised({ subject: `role ${role}`, met: false, found: what, repair }));

  if (own['rolsuper'] === true) {
    excess('is a superuser', `ALTER ROLE ${quoted(role)} NOSUPERUSER`);
    return found;
  }
  for (const { column, name } of attributes)
    if (own[column] === true && !(readsLog && name === 'REPLICATION'))
      excess(`has ${name}`, `ALTER ROLE ${quoted(role)} NO${name}`);
  const mighty = await connection.query(
    `SELECT rolname AS name FROM pg_roles
     WHERE rolname = ANY ($2) AND rolname <> $1 AND pg_has_role($1::name, oid, 'MEMBER')`,
    [role, mightyRoles],
  );
  for (const { name } of mighty)
    excess(`is a member of ${String(name)}`, `REVOKE ${quoted(String(name))} FROM ${quoted(role)}`);

  const places = [
    ...tables.map((table) => ({ name: fullName(table), needed: tablePrivileges(table) })),
    ...(ledger === null ? [] : Object.entries(ledgerPrivileges)).map(([table, needed]) => ({
      name: ledgerTable(ledger!, table),
      needed,
    })),
  ];
  const wanted = places.map(({ name, needed }) => ({
    name,
    needed: needed.join(', '),
    excess: [...writing.filter((each) => !needed.includes(each)), 'TRUNCATE', 'REFERENCES', 'TRIGGER'].join(
      ', ',
    ),
  }));
  const schemas = tables.map(({ table }) => table.schema ?? 'public');
  const held = await connection.query(heldTooMuch, [
    role,
    [...new Set(ledger === null ? schemas : [...schemas, ledger])],
    wanted.map(({ name }) => name),
    wanted.map((each) => each.excess),
  ]);
  for (const { kind, name, grantee, privileges } of held as Record<string, string | null>[]) {
    const place = `${kind} ${name}`;
    if (grantee === null || grantee === undefined) {
      const needed = wanted.find((each) => each.name === name)?.needed;
      const regrant = needed === undefined ? '' : `; GRANT ${needed} ON ${name} TO ${quoted(role)}`;
      excess(`owns ${place}: it may alter and drop it`, `ALTER ${place} OWNER TO CURRENT_USER${regrant}`);
    } else if (grantee === role || grantee === 'PUBLIC')
      excess(
        `may ${privileges} on ${place}${grantee === 'PUBLIC' ? ', as everybody may' : ''}`,
        `REVOKE ${privileges} ON ${place} FROM ${grantee === 'PUBLIC' ? grantee : quoted(role)}`,
      );
    else
      excess(
        `may ${privileges} on ${place} as a member of ${grantee}`,
        `REVOKE ${quoted(grantee)} FROM ${quoted(role)}`,
      );
  }
  return found.length > 0
    ? found
    : [advised({ subject: `role ${role}`, met: true, found: 'may do no more than it must', repair: '' })];
}
