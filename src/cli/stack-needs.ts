import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { queueSides } from '../process/config/sides.ts';
import { publishes } from '../process/event-bus.ts';
import { loadPipelines } from '../process/pipelines.ts';
import type { StackOptions } from '../stack/stack.ts';

/**
 * A database for each side of these pipelines, of the configured ones where none is named, and the servers that only some
 * pipelines need. Throws `ConfigError` where they cannot be loaded.
 */
export async function stackNeeds(
  names: readonly string[],
): Promise<Pick<StackOptions, 'databases' | 'servers'>> {
  const environment = loadEnvironment();
  const settings = loadSettings(environment);
  const pipelines = await loadPipelines(names.length > 0 ? names : settings.pipelines);
  const databases = pipelines.flatMap(({ sides }) =>
    [...sides.values()].map(({ name: side, engine, database }) => ({ side, engine, database })),
  );
  return {
    databases: [...new Map(databases.map((each) => [each.side, each])).values()],
    servers: {
      redis: pipelines.some(
        (pipeline) => pipeline.cache || (settings.eventBus.includes('redis') && publishes(pipeline)),
      ),
      queues: [...new Set(pipelines.flatMap((pipeline) => queueSides(pipeline, environment)))],
    },
  };
}
