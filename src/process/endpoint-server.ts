import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { SyncError } from '../errors/sync-error.ts';
import { httpServer, refuse } from '../observability/http-server.ts';
import type { HttpLimits, HttpTls } from '../observability/http-server.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { EndpointDefinition } from '../pipeline/endpoints.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Tools } from '../pipeline/tools.ts';
import { bearerHook } from './bearer.ts';
import type { BearerCheck } from './bearer.ts';

/** A pipeline's endpoints, and what their code works with. */
export interface Served {
  pipeline: Pick<CompiledPipeline, 'name' | 'endpoints'>;
  tools: Tools;
}

const askAgainSeconds = 5;

export interface EndpointServerOptions {
  metrics: Pick<Metrics, 'endpointAnswered'>;
  log: Logger;
  /** Null or absent: plain HTTP. */
  tls?: HttpTls | null;
  /** Null or absent: whoever reaches it is answered. */
  check?: BearerCheck | null;
  limits?: Partial<HttpLimits>;
}

/** GET alone, answered with JSON. Neither an answer that tells of a failure nor the log says what was asked for. */
export function endpointServer(
  served: readonly Served[],
  { metrics, log, tls = null, check = null, limits }: EndpointServerOptions,
): FastifyInstance {
  const app = httpServer({ tls, limits, metrics });
  if (check !== null) app.addHook('onRequest', bearerHook(check, log));
  for (const { pipeline, tools } of served)
    for (const endpoint of pipeline.endpoints)
      app.get(endpoint.path, {
        handler: (request, reply) => answer(endpoint, tools, request, reply),
        errorHandler(error, _request, reply) {
          const later = canBeAskedAgain(error);
          const where = { pipeline: pipeline.name, endpoint: endpoint.path };
          log[later ? 'warn' : 'error']({ ...where, err: error }, 'an endpoint cannot be answered');
          if (later) void refuse(reply.header('retry-after', askAgainSeconds), 503, 'cannot be answered now');
          else void refuse(reply, 500, 'cannot be answered');
        },
      });
  return app;
}

async function answer(
  endpoint: EndpointDefinition,
  tools: Tools,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parsed = await endpoint.parameters.safeParseAsync(request.params);
  if (!parsed.success) {
    const names = new Set(parsed.error.issues.map(({ path: [name] }) => String(name ?? 'parameters')));
    return refuse(reply, 400, `not valid: ${[...names].join(', ')}`);
  }
  const body = await endpoint.get(parsed.data, tools);
  if (body === null || body === undefined) return refuse(reply, 404, 'not found');
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
}

const canBeAskedAgain = (error: unknown): boolean =>
  error instanceof SyncError
    ? error.errorClass !== 'bug'
    : (error as { code?: unknown } | null)?.code === 'FST_ERR_HANDLER_TIMEOUT';
