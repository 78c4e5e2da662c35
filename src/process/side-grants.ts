import { defaultLedger } from '../database/connection.ts';
import { databaseRoles, grantDialect } from '../database/grants.ts';
import type { DatabaseRole } from '../database/grants.ts';
import { inspectedTables } from '../database/inspected-table.ts';
import { roleOf } from '../database/ledger-admin.ts';
import { ledgerPrivileges } from '../database/needed-privileges.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Environment } from './config/environment.ts';
import { sidePrefix } from './config/sides.ts';
import type { SideSettings } from './config/sides.ts';

/** Statements for the administrator of a side's database; each by itself, none with a password. */
export interface RoleGrants {
  role: DatabaseRole;
  /** Of the login. */
  name: string;
  statements: string[];
  /** Those for the marks that writes carry, which not every server has or lets its administrator give. */
  marks: string[];
  /** What is left to be done once: how the login is opened. */
  open: string;
  /** What `tandem migrate` grants it, once the ledger's tables are there. */
  ledger: string[];
}

type LoginSettings = Pick<SideSettings, 'name' | 'engine' | 'databaseUrl'>;

/** Logins as the settings name them; those that no setting names have a name of Tandem's. */
function nameOf(role: DatabaseRole, { name, databaseUrl }: LoginSettings, environment: Environment): string {
  // A name that only Kafka Connect knows is not known here.
  const given = environment.get(`${sidePrefix(name)}_CDC_USER`);
  const names: Record<DatabaseRole, () => string> = {
    sync: () => roleOf(databaseUrl).name,
    capture: () => (given === undefined || given.startsWith('${') ? 'debezium' : given),
    migration: () => 'tandem_migrator',
    operator: () => 'tandem_operator',
  };
  return names[role]();
}

/** What the roles of a side need; `logins`: other names than the settings or Tandem give them. */
export function sideGrants(
  pipeline: CompiledPipeline,
  settings: LoginSettings,
  environment: Environment,
  {
    roles = databaseRoles,
    logins = {},
  }: { roles?: readonly DatabaseRole[]; logins?: Partial<Record<DatabaseRole, string>> } = {},
): RoleGrants[] {
  const side = pipeline.sides.get(settings.name)!;
  const dialect = grantDialect(settings.engine);
  const ledger = side.isTarget ? defaultLedger : null;
  const scope = {
    database: decodeURIComponent(new URL(settings.databaseUrl).pathname.slice(1)),
    tables: inspectedTables(pipeline, side),
    ledger,
  };
  const hasLogin = (role: DatabaseRole) =>
    (role !== 'capture' || side.tables.length > 0) && (role !== 'migration' || ledger !== null);
  return roles
    .filter((role) => hasLogin(role))
    .map((role) => {
      const name = logins[role] ?? nameOf(role, settings, environment);
      const grants = dialect.grantsOf(role, scope);
      const inLedger = role === 'sync' && ledger !== null ? Object.entries(ledgerPrivileges) : [];
      return {
        role,
        name,
        statements: [
          ...dialect.prepare(name, role === 'capture' ? null : ledger),
          ...grants.filter(({ optional }) => !optional).map((each) => dialect.grant(each, name)),
        ],
        marks: grants.filter(({ optional }) => optional).map((each) => dialect.grant(each, name)),
        open: dialect.open(name),
        ledger: inLedger.map(([table, privileges]) =>
          dialect.grant({ privileges, on: dialect.ledgerTable(ledger!, table) }, name),
        ),
      };
    });
}

/** The statements as one script. */
const grantScript = (grants: readonly RoleGrants[]): string =>
  grants.flatMap(({ statements }) => statements.map((statement) => `${statement};\n`)).join('');

/** What `tandem install` gives the logins that it opens, which the pipelines' triggers and connectors know by name. */
export const installedGrants = (
  pipeline: CompiledPipeline,
  settings: LoginSettings,
  environment: Environment,
): string =>
  grantScript(
    sideGrants(pipeline, settings, environment, {
      roles: ['sync', 'capture'],
      logins: { sync: 'sync_service', capture: 'debezium' },
    }),
  );
