import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Umzug } from 'umzug';
import { SyncError } from '../errors/sync-error.ts';
import { packageRoot } from '../package-root.ts';
import type { Engine } from '../pipeline/define.ts';
import { defaultLedger } from './connection.ts';
import type { LedgerDatabase } from './engine-database.ts';
import { roleOf } from './ledger-admin.ts';
import type { LedgerAdmin } from './ledger-admin.ts';
import { classify as classifyMysql } from './mysql/classify.ts';
import { openLedgerAdmin as openMysqlAdmin } from './mysql/ledger-admin.ts';
import { classify as classifyPostgres } from './postgres/classify.ts';
import { openLedgerAdmin as openPostgresAdmin } from './postgres/ledger-admin.ts';

/** Four pools of ten. */
export const defaultOrigins = 40;

export interface LedgerTarget {
  side: string;
  engine: Engine;
  /** Of a role that may create schemas, tables and roles. */
  adminUrl: string;
  /** `<SIDE>_DATABASE_URL`: the role in it is made where it is missing, and granted the ledger. */
  url: string;
  /** Schema (PostgreSQL) or database (MySQL) of the ledger; default `tandem`. */
  ledger?: string;
  /** Replication origins to have on PostgreSQL; default `defaultOrigins`. */
  origins?: number;
}

export interface MigrationReport {
  /** Names of the migrations this run applied. */
  applied: readonly string[];
  /** Whether writes can carry an origin mark. */
  originMarks: boolean;
}

const engines: Record<
  Engine,
  {
    open: (adminUrl: string, ledger: string) => Promise<LedgerAdmin>;
    classify: (error: unknown) => SyncError;
  }
> = {
  postgres: { open: openPostgresAdmin, classify: classifyPostgres },
  mysql: { open: openMysqlAdmin, classify: classifyMysql },
};

/**
 * Brings the ledger of one side's database up to date: tables, role, grants, means of origin marks. Harmless when
 * nothing is to do; two at once run one after the other. Throws `SyncError`.
 */
export async function migrateLedger(target: LedgerTarget): Promise<MigrationReport> {
  const { engine, adminUrl, url, ledger = defaultLedger, origins = defaultOrigins } = target;
  const { open, classify } = engines[engine];
  try {
    const admin = await open(adminUrl, ledger);
    try {
      await admin.prepare();
      const applied = await migrations(engine, admin).up();
      const role = roleOf(url);
      await admin.grant(role);
      return {
        applied: applied.map(({ name }) => name),
        originMarks: await admin.grantOriginMarks(role, origins),
      };
    } finally {
      await admin.close();
    }
  } catch (error) {
    throw classify(rootOf(error));
  }
}

/** umzug wraps what a migration throws. */
const rootOf = (error: unknown): unknown =>
  error instanceof Error && error.name === 'MigrationError' ? error.cause : error;

function migrations(engine: Engine, admin: LedgerAdmin): Umzug {
  return new Umzug({
    migrations: async () =>
      (await ledgerFiles(engine)).map((path) => ({
        name: nameOf(path),
        path,
        up: async () => admin.apply(nameOf(path), await readFile(path, 'utf8')),
      })),
    storage: {
      executed: () => admin.appliedMigrations(),
      // `apply` has recorded it, with the migration itself where the engine can.
      logMigration: async () => {},
      unlogMigration: async () => {
        throw new Error('ledger migrations are not reverted');
      },
    },
    logger: undefined,
  });
}

const nameOf = (path: string): string => basename(path, '.sql');

/** The numbered files, in order. They lie in `src/` for the built program too. */
async function ledgerFiles(engine: Engine): Promise<string[]> {
  const folder = join(packageRoot, 'src', 'database', engine, 'ledger');
  const names = (await readdir(folder)).filter((name) => /^\d{3}_.*\.sql$/.test(name)).toSorted();
  return names.map((name) => join(folder, name));
}

/**
 * Throws `schema`, naming the command, when the ledger is older than this program. A newer one is accepted: workers of
 * two versions run side by side while a new one is rolled out.
 */
export async function assertLedgerCurrent(database: LedgerDatabase): Promise<void> {
  const applied = new Set(await database.ledgerMigrations());
  const missing = (await ledgerFiles(database.engine)).map(nameOf).filter((name) => !applied.has(name));
  if (missing.length > 0)
    throw new SyncError(
      'schema',
      `the ledger of side ${database.side} lacks ${missing.join(', ')}: run \`tandem migrate\``,
    );
}
