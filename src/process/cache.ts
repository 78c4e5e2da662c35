import type { Logger } from 'pino';
import { RedisCache } from '../effects/redis-cache.ts';
import type { Health } from '../observability/health.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Cache } from '../pipeline/tools.ts';
import { redisServer } from './config/redis.ts';
import type { Settings } from './config/settings.ts';
import type { Shutdown } from './shutdown.ts';

export interface CacheContext {
  settings: Settings;
  metrics: Metrics;
  health: Health;
  shutdown: Shutdown;
  log: Logger;
}

/** The cache of a process, one for all of its pipelines; null where none of them uses it. */
export function openCache(
  { settings, metrics, health, shutdown, log }: CacheContext,
  pipelines: readonly CompiledPipeline[],
): Cache | null {
  if (!pipelines.some(({ cache }) => cache)) return null;
  const cache = new RedisCache({
    server: redisServer(settings),
    onTrouble: ({ message }) => log.warn({ error: message }, 'the cache is away'),
    onRead: (result) => metrics.cacheRead(result),
  });
  shutdown.afterwards(() => cache.close());
  health.registerCheck('cache', () => cache.ping(), { needed: false });
  return cache;
}
