import { ConfigError } from '../errors/config-error.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { SideSettings } from './config/sides.ts';

/** Two readers of one queue would each get some of its messages. Throws `ConfigError` naming the sides. */
export function requireOwnQueues(
  pipelines: readonly CompiledPipeline[],
  sides: ReadonlyMap<string, ReadonlyMap<string, SideSettings>>,
): void {
  const readers = new Map<string, string[]>();
  for (const pipeline of pipelines)
    for (const { name, tables } of pipeline.sides.values()) {
      const url = sides.get(pipeline.name)?.get(name)?.queueUrl ?? null;
      if (url !== null && tables.length > 0)
        readers.set(url, [...(readers.get(url) ?? []), `${pipeline.name}/${name}`]);
    }
  const shared = [...readers].filter(([, names]) => names.length > 1);
  if (shared.length > 0)
    throw new ConfigError(
      shared.map(([url, names]) => `${names.join(' and ')} read ${url}: each needs a queue of its own`),
    );
}
