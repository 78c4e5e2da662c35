import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { loadPipelines } from '../process/pipelines.ts';
import type { StackDatabase } from '../stack/databases.ts';

/** A database for each side of the configured pipelines. Throws `ConfigError` where they cannot be loaded. */
export async function stackDatabases(): Promise<readonly StackDatabase[]> {
  const pipelines = await loadPipelines(loadSettings(loadEnvironment()).pipelines);
  const databases = pipelines.flatMap(({ sides }) =>
    [...sides.values()].map(({ name: side, engine, database }) => ({ side, engine, database })),
  );
  return [...new Map(databases.map((each) => [each.side, each])).values()];
}
