import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Health, Verdict } from './health.ts';
import { httpServer } from './http-server.ts';
import type { HttpLimits, HttpTls } from './http-server.ts';
import { listen } from './listen.ts';
import type { Metrics } from './metrics.ts';

function answer(reply: FastifyReply, { ok, message }: Verdict) {
  return reply.code(ok ? 200 : 503).send({ status: ok ? 'ok' : 'fail', message });
}

const server = (tls: HttpTls | null, limits?: Partial<HttpLimits>) =>
  httpServer({ tls, limits, forceCloseConnections: true, exposeHeadRoutes: true });

/** Answers whoever comes: probes have no certificate. */
export function healthServer(
  health: Health,
  tls: HttpTls | null = null,
  limits?: Partial<HttpLimits>,
): FastifyInstance {
  const app = server(tls && { ...tls, clientAuthority: null }, limits);
  app.get('/livez', (_request, reply) => answer(reply, health.livez()));
  app.get('/readyz', (_request, reply) => answer(reply, health.readyz()));
  app.get('/health', async (_request, reply) => {
    const report = await health.report();
    return reply.code(report.status === 'healthy' ? 200 : 503).send(report);
  });
  return app;
}

export function metricsServer(
  metrics: Metrics,
  tls: HttpTls | null = null,
  limits?: Partial<HttpLimits>,
): FastifyInstance {
  const app = server(tls, limits);
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.expose()),
  );
  return app;
}

export interface HttpServers {
  healthPort: number;
  metricsPort: number;
  close(): Promise<void>;
}

/** Starts both servers; throws `ConfigError` naming the variable of a port that cannot be had, and starts neither. */
export async function startHttp(of: {
  health: Health;
  metrics: Metrics;
  host: string;
  healthPort: number;
  metricsPort: number;
  /** Null or absent: plain HTTP. */
  tls?: HttpTls | null;
}): Promise<HttpServers> {
  const { tls = null } = of;
  const health = healthServer(of.health, tls);
  const metrics = metricsServer(of.metrics, tls);
  const healthPort = await listen(health, 'HEALTH_PORT', of.host, of.healthPort);
  try {
    const metricsPort = await listen(metrics, 'METRICS_PORT', of.host, of.metricsPort);
    return {
      healthPort,
      metricsPort,
      async close() {
        await Promise.all([health.close(), metrics.close()]);
      },
    };
  } catch (error) {
    await health.close();
    throw error;
  }
}
