import type { Logger } from 'pino';
import { ConfigError } from '../errors/config-error.ts';
import { Health } from '../observability/health.ts';
import { startHttp } from '../observability/http.ts';
import { createMetrics } from '../observability/create-metrics.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { openCache } from './cache.ts';
import type { Environment } from './config/environment.ts';
import { httpTls } from './config/http.ts';
import { loadSettings } from './config/settings.ts';
import { resolveSides } from './config/sides.ts';
import { startEndpoints } from './endpoints.ts';
import { Shutdown } from './shutdown.ts';

export interface ServeOptions {
  environment: Environment;
  pipelines: readonly CompiledPipeline[];
  log: Logger;
}

export interface Serving {
  port: number;
  healthPort: number;
  metricsPort: number;
  /** Requests under way have their answer, then everything closes. */
  stop(): Promise<void>;
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
  const shutdown = new Shutdown();
  try {
    const metrics = createMetrics();
    const health = new Health();
    const http = await startHttp({ health, metrics, ...settings, tls: httpTls(settings) });
    shutdown.afterwards(() => http.close());
    const parts = { settings, sides, metrics, health, shutdown, log };
    const cache = openCache(parts, answering);
    const port = (await startEndpoints({ ...parts, cache }, answering))!;
    const watched = health.watch(shutdown.signal);
    shutdown.afterwards(() => watched);
    health.ready(true);
    return {
      port,
      healthPort: http.healthPort,
      metricsPort: http.metricsPort,
      stop() {
        health.ready(false);
        return shutdown.run();
      },
    };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}
