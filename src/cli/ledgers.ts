import type { LedgerDatabase } from '../database/engine-database.ts';
import { openDatabase } from '../database/open.ts';
import { ConfigError } from '../errors/config-error.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { resolveSides } from '../process/config/sides.ts';
import { loadPipelines } from '../process/pipelines.ts';

/** Which ledgers: of all pipelines and sides that are configured, or of some. */
export interface LedgerFilter {
  pipeline?: string | undefined;
  side?: string | undefined;
}

/** Asks each ledger; a side that nothing flows to has none. Throws `ConfigError` where none is meant, and naming the side whose ledger cannot be read. */
export async function askLedgers<T>(
  { pipeline: only, side }: LedgerFilter,
  ask: (database: LedgerDatabase, of: { pipeline: string; side: string }) => Promise<T>,
): Promise<T[]> {
  const environment = loadEnvironment();
  const pipelines = await loadPipelines(loadSettings(environment).pipelines);
  const wanted = pipelines.filter(({ name }) => only === undefined || only === name);
  if (wanted.length === 0) throw new ConfigError([`no pipeline ${only} is configured in TANDEM_PIPELINES`]);
  const ledgers = wanted.flatMap((pipeline) =>
    [...resolveSides(pipeline, environment).values()]
      .filter(({ name, isTarget }) => isTarget && (side === undefined || side === name))
      .map((each) => ({ pipeline: pipeline.name, ...each })),
  );
  if (ledgers.length === 0) throw new ConfigError([`no pipeline has a side ${side} that rows flow to`]);
  return Promise.all(
    ledgers.map(async ({ pipeline, name, engine, databaseUrl }) => {
      const database = openDatabase({ engine, side: name, url: databaseUrl, poolSize: 1 });
      try {
        return await ask(database, { pipeline, side: name });
      } catch (error) {
        throw new Error(`the ledger of ${name} cannot be read`, { cause: error });
      } finally {
        await database.close();
      }
    }),
  );
}
