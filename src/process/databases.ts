import pRetry from 'p-retry';
import type { Logger } from 'pino';
import type { LedgerDatabase } from '../database/engine-database.ts';
import type { Around } from '../database/observed-pool.ts';
import type { Engine } from '../pipeline/define.ts';
import { assertLedgerCurrent } from '../database/migrate.ts';
import { openDatabase } from '../database/open.ts';
import { SyncError } from '../errors/sync-error.ts';
import { noTracing } from '../observability/tracing.ts';
import type { Tracing } from '../observability/tracing.ts';
import type { Settings } from './config/settings.ts';
import type { SideSettings } from './config/sides.ts';

/** Databases by the name of their side. */
export type Databases = ReadonlyMap<string, LedgerDatabase>;

export const openDatabases = (
  sides: ReadonlyMap<string, SideSettings>,
  {
    poolSize,
    poolLifetimeSeconds,
    originMarks,
  }: Pick<Settings, 'poolSize' | 'poolLifetimeSeconds' | 'originMarks'>,
  tracing = noTracing,
): Databases =>
  new Map(
    [...sides].map(([side, { engine, databaseUrl, isTarget }]) => [
      side,
      openDatabase({
        engine,
        side,
        url: databaseUrl,
        poolSize,
        lifetimeMs: poolLifetimeSeconds * 1000,
        originMarks: originMarks && isTarget,
        ...(tracing.on && { around: statementSpans(tracing, engine, side) }),
      }),
    ]),
  );

const systems: Record<Engine, string> = { postgres: 'postgresql', mysql: 'mysql' };

const statementSpans =
  (tracing: Tracing, engine: Engine, side: string): Around =>
  (summary, work) =>
    tracing.during(
      {
        name: summary,
        kind: 'client',
        attributes: { 'db.system.name': systems[engine], 'db.query.summary': summary, 'tandem.side': side },
      },
      work,
    );

/** Of the databases those that rows flow to: they hold the ledgers. */
export const targetsOf = (databases: Databases, sides: ReadonlyMap<string, SideSettings>): Databases =>
  new Map([...databases].filter(([side]) => sides.get(side)!.isTarget));

/**
 * Returns once every ledger is seen to be of this build; waits for databases that are away.
 * Throws for a ledger that is older, naming the command that brings it up.
 */
export async function currentLedgers(databases: Databases, log: Logger, signal: AbortSignal): Promise<void> {
  for (const [side, database] of databases)
    await pRetry(() => assertLedgerCurrent(database), {
      retries: Infinity,
      minTimeout: 500,
      maxTimeout: 5000,
      signal,
      shouldRetry: ({ error }) => error instanceof SyncError && error.errorClass === 'unavailable',
      onFailedAttempt: ({ error }) => log.warn({ side, error: error.message }, 'waiting for the database'),
    });
}

export async function closeDatabases(databases: Databases): Promise<void> {
  await Promise.all([...databases.values()].map((database) => database.close()));
}
