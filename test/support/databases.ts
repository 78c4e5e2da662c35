import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import { migrateLedger } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { adminUrlVariable, databaseUrlVariable } from '../../src/stack/databases.ts';
import { testAddresses } from './test-stack.ts';

type Rows = Record<string, unknown>[];

/** A plain session of an app or an administrator: no origin mark, no ledger. */
export interface AppSession extends AsyncDisposable {
  /** One statement with the engine's own placeholders; rows of a query. */
  query(statement: string, values?: readonly unknown[]): Promise<Rows>;
}

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
  readonly query: AppSession['query'];
  /** A session of an app's role, which may use every table made here. */
  appSession(): Promise<AppSession>;
  open(options?: { poolSize?: number }): LedgerDatabase;
}

const sideOf: Record<Engine, string> = { postgres: 'legacy', mysql: 'revamp' };

function withDatabase(url: string, name: string, login?: { user: string; password: string }): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  if (login) Object.assign(changed, { username: login.user, password: login.password });
  return changed.href;
}

const app = { user: 'test_app', password: 'test_app' };

const sessions: Record<Engine, (url: string) => Promise<AppSession>> = {
  async postgres(url) {
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    return {
      query: async (statement, values) => (await client.query(statement, [...(values ?? [])])).rows as Rows,
      [Symbol.asyncDispose]: () => client.end(),
    };
  },
  async mysql(url) {
    const connection = await createConnection({
      uri: url,
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
      multipleStatements: true,
    });
    return {
      query: async (statement, values) => {
        const [rows] = await connection.query(statement, values);
        return Array.isArray(rows) ? (rows as Rows) : [];
      },
      [Symbol.asyncDispose]: async () => connection.destroy(),
    };
  },
};

interface Making {
  create(server: AppSession, name: string): Promise<void>;
  /** Rights of Tandem's role and the app's on what the test will make; runs in the new database. */
  admit(inside: AppSession, name: string, roles: readonly string[]): Promise<void>;
  drop(server: AppSession, names: readonly string[]): Promise<void>;
}

const making: Record<Engine, Making> = {
  postgres: {
    async create(server, name) {
      await server.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
      await server
        .query(`CREATE ROLE ${app.user} LOGIN PASSWORD '${app.password}'`)
        .catch(unless('42710', '23505'));
    },
    async admit(inside, _name, roles) {
      for (const role of roles)
        await inside.query(
          `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${role}`,
        );
    },
    async drop(server, [name]) {
      await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  },
  mysql: {
    async create(server, name) {
      await server.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
      await server.query(`CREATE USER IF NOT EXISTS ${app.user}@'%' IDENTIFIED BY '${app.password}'`);
    },
    async admit(inside, name, roles) {
      for (const role of roles)
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

  const server = await sessions[engine](serverUrl);
  await making[engine].create(server, name);
  const inside = await sessions[engine](adminUrl);
  if (migrated) {
    await migrateLedger({ side, engine, adminUrl, url, ledger, origins: 100 });
    await making[engine].admit(inside, name, [new URL(url).username, app.user]);
  }
  const opened: LedgerDatabase[] = [];

  return {
    engine,
    side,
    name,
    ledger,
    adminUrl,
    url,
    query: inside.query,
    appSession: () => sessions[engine](withDatabase(serverUrl, name, app)),
    open({ poolSize = 4 } = {}) {
      const database = openDatabase({ engine, side, url, poolSize, ledger });
      opened.push(database);
      return database;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((database) => database.close()));
      await inside[Symbol.asyncDispose]();
      await making[engine].drop(server, [name, ledger]);
      await server[Symbol.asyncDispose]();
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
