import fastify from 'fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Health, Verdict } from './health.ts';
import { listen } from './listen.ts';
import type { Metrics } from './metrics.ts';

function answer(reply: FastifyReply, { ok, message }: Verdict) {
  return reply.code(ok ? 200 : 503).send({ status: ok ? 'ok' : 'fail', message });
}

const server = () => fastify({ logger: false, forceCloseConnections: true });

export function healthServer(health: Health): FastifyInstance {
  const app = server();
  app.get('/livez', (_request, reply) => answer(reply, health.livez()));
  app.get('/readyz', (_request, reply) => answer(reply, health.readyz()));
  app.get('/health', async (_request, reply) => {
    const report = await health.report();
    return reply.code(report.status === 'healthy' ? 200 : 503).send(report);
  });
  return app;
}

export function metricsServer(metrics: Metrics): FastifyInstance {
  const app = server();
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
}): Promise<HttpServers> {
  const health = healthServer(of.health);
  const metrics = metricsServer(of.metrics);
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
