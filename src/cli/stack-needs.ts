import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { publishes } from '../process/event-bus.ts';
import { loadPipelines } from '../process/pipelines.ts';
import type { StackOptions } from '../stack/stack.ts';

/**
 * A database for each side of these pipelines, of the configured ones where none is named, and Redis where they publish to it or use the cache. Throws
 * `ConfigError` where they cannot be loaded.
 */
export async function stackNeeds(
  names: readonly string[],
): Promise<Pick<StackOptions, 'databases' | 'publishes'>> {
  const settings = loadSettings(loadEnvironment());
  const pipelines = await loadPipelines(names.length > 0 ? names : settings.pipelines);
  const databases = pipelines.flatMap(({ sides }) =>
    [...sides.values()].map(({ name: side, engine, database }) => ({ side, engine, database })),
  );
  return {
    databases: [...new Map(databases.map((each) => [each.side, each])).values()],
    publishes:
      (settings.eventBus.includes('redis') && pipelines.some(publishes)) ||
      pipelines.some(({ cache }) => cache),
  };
}
