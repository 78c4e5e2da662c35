import type { Logger } from 'pino';
import { ConfigError } from '../errors/config-error.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { openCache } from './cache.ts';
import type { Environment } from './config/environment.ts';
import { loadSettings } from './config/settings.ts';
import { resolveSides } from './config/sides.ts';
import { startEndpoints } from './endpoints.ts';
import { serveAlone } from './serve-alone.ts';
import type { Serving } from './serve-alone.ts';

export interface ServeOptions {
  environment: Environment;
  pipelines: readonly CompiledPipeline[];
  log: Logger;
}

/**
 * Answers the endpoints of the pipelines in this process until `stop`; needs their databases and cache alone, and waits for
 * none. Throws `ConfigError` where no pipeline has endpoints, or they cannot be answered.
 */
export async function serve({ environment, pipelines, log }: ServeOptions): Promise<Serving> {
  const settings = loadSettings(environment);
  const answering = pipelines.filter(({ endpoints }) => endpoints.length > 0);
  if (answering.length === 0)
    throw new ConfigError([
      `TANDEM_PIPELINES: ${pipelines.map(({ name }) => name).join(', ')}: no pipeline of these has endpoints`,
    ]);
  const sides = new Map(answering.map((each) => [each.name, resolveSides(each, environment)]));
  return serveAlone(settings, async (parts) => {
    const given = { ...parts, settings, sides, log };
    return (await startEndpoints({ ...given, cache: openCache(given, answering) }, answering))!;
  });
}
