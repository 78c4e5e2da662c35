import { randomBytes } from 'node:crypto';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import { migrateLedger } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { connectPlain } from '../../src/database/plain-connection.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { adminUrlVariable, databaseUrlVariable } from '../../src/stack/databases.ts';
import { testAddresses } from './test-stack.ts';

/** A database of its own on the test stack's server, its ledger migrated. Gone with everything in it at the end. */
export interface TestDatabase extends AsyncDisposable {
  readonly engine: Engine;
  readonly side: string;
  readonly name: string;
  /** Schema (PostgreSQL) or database (MySQL) of the ledger: MySQL's is this test's own, not the shared `tandem`. */
  readonly ledger: string;
  readonly adminUrl: string;
  /** Of the role Tandem works as, which may use every table made here. */
  readonly url: string;
  /** As the administrator. */
  readonly query: PlainConnection['query'];
  /** A session of an app's role, which may use every table made here; without origin mark. */
  appSession(): Promise<PlainConnection>;
  /** Lets a role use every table made here later; done for Tandem's and the app's where the ledger was migrated. */
  admit(role: string): Promise<void>;
  /** A plain session of any role. */
  session(url: string): Promise<PlainConnection>;
  open(options?: { poolSize?: number; url?: string }): LedgerDatabase;
}

const sideOf: Record<Engine, string> = { postgres: 'legacy', mysql: 'revamp' };

function withDatabase(url: string, name: string, login?: { user: string; password: string }): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  if (login) Object.assign(changed, { username: login.user, password: login.password });
  return changed.href;
}

const app = { user: 'test_app', password: 'test_app' };

interface Making {
  create(server: PlainConnection, name: string): Promise<void>;
  /** Runs in the new database. */
  admit(inside: PlainConnection, name: string, role: string): Promise<void>;
  drop(server: PlainConnection, names: readonly string[]): Promise<void>;
}

const making: Record<Engine, Making> = {
  postgres: {
    async create(server, name) {
      await server.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
      await server
        .query(`CREATE ROLE ${app.user} LOGIN PASSWORD '${app.password}'`)
        .catch(unless('42710', '23505'));
    },
    async admit(inside, _name, role) {
      await inside.query(
        `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role}`,
      );
    },
    async drop(server, [name]) {
      await server.query(
        `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = $1`,
        [name],
      );
      await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  },
  mysql: {
    async create(server, name) {
      await server.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
      await server.query(`CREATE USER IF NOT EXISTS ${app.user}@'%' IDENTIFIED BY '${app.password}'`);
    },
    async admit(inside, name, role) {
      await inside.query(
        `GRANT SELECT, INSERT, UPDATE, DELETE ON \`${name.replaceAll('_', '\\_')}\`.* TO ${role}@'%'`,
      );
    },
    async drop(server, names) {
      for (const name of names) await server.query(`DROP DATABASE IF EXISTS ${name}`);
    },
  },
};

const unless =
  (...codes: string[]) =>
  (error: unknown): void => {
    if (!(error instanceof Error && 'code' in error && codes.includes(String(error.code)))) throw error;
  };

/** A fresh database of one engine. `migrated: false` leaves its ledger to the test. */
export async function freshDatabase(
  engine: Engine,
  { migrated = true }: { migrated?: boolean } = {},
): Promise<TestDatabase> {
  const side = sideOf[engine];
  const addresses = testAddresses();
  const serverUrl = addresses[adminUrlVariable(side)]!;
  const name = `test_${randomBytes(6).toString('hex')}`;
  const ledger = engine === 'postgres' ? 'tandem' : `${name}_ledger`;
  const adminUrl = withDatabase(serverUrl, name);
  const url = withDatabase(addresses[databaseUrlVariable(side)]!, name);

  const server = await connectPlain(engine, serverUrl);
  await making[engine].create(server, name);
  const inside = await connectPlain(engine, adminUrl);
  const admit = (role: string) => making[engine].admit(inside, name, role);
  if (migrated) {
    await migrateLedger({ side, engine, adminUrl, url, ledger, origins: 100 });
    await admit(new URL(url).username);
    await admit(app.user);
  }
  const opened: { close(): Promise<void> }[] = [];
  const session = async (as: string) => {
    const connection = await connectPlain(engine, as);
    opened.push(connection);
    return connection;
  };

  return {
    engine,
    side,
    name,
    ledger,
    adminUrl,
    url,
    query: (statement, values) => inside.query(statement, values),
    admit,
    session,
    appSession: () => session(withDatabase(serverUrl, name, app)),
    open({ poolSize = 4, url: as = url } = {}) {
      const database = openDatabase({ engine, side, url: as, poolSize, ledger });
      opened.push(database);
      return database;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((each) => each.close()));
      await inside.close();
      await making[engine].drop(server, [name, ledger]);
      await server.close();
    },
  };
}

/** Side `legacy` on PostgreSQL and side `revamp` on MySQL. */
export async function freshDatabases(): Promise<
  { legacy: TestDatabase; revamp: TestDatabase } & AsyncDisposable
> {
  const [legacy, revamp] = await Promise.all([freshDatabase('postgres'), freshDatabase('mysql')]);
  return {
    legacy,
    revamp,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([legacy[Symbol.asyncDispose](), revamp[Symbol.asyncDispose]()]);
    },
  };
}
