import { createMetrics } from '../observability/create-metrics.ts';
import { Health } from '../observability/health.ts';
import { startHttp } from '../observability/http.ts';
import type { Metrics } from '../observability/metrics.ts';
import { httpTls } from './config/http.ts';
import type { Settings } from './config/settings.ts';
import { Shutdown } from './shutdown.ts';

export interface Serving {
  port: number;
  healthPort: number;
  metricsPort: number;
  /** Requests under way have their answer, then everything closes. */
  stop(): Promise<void>;
}

/** A process that only answers: what `start` gives the port of, with health and metrics beside it. */
export async function serveAlone(
  settings: Settings,
  start: (parts: { metrics: Metrics; health: Health; shutdown: Shutdown }) => Promise<number>,
): Promise<Serving> {
  const shutdown = new Shutdown();
  try {
    const metrics = createMetrics();
    const health = new Health();
    const http = await startHttp({ health, metrics, ...settings, tls: httpTls(settings) });
    shutdown.afterwards(() => http.close());
    const port = await start({ metrics, health, shutdown });
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
