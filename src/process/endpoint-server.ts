import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { SyncError } from '../errors/sync-error.ts';
import { httpServer } from '../observability/listen.ts';
import type { HttpTls } from '../observability/listen.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { EndpointDefinition } from '../pipeline/endpoints.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Tools } from '../pipeline/tools.ts';

/** A pipeline's endpoints, and what their code works with. */
export interface Served {
  pipeline: Pick<CompiledPipeline, 'name' | 'endpoints'>;
  tools: Tools;
}

/** A request must have come within that time, milliseconds. */
const requestMs = 10_000;
/** Nobody has anything to send. */
const bodyBytes = 1024;
const askAgainSeconds = 5;

export interface EndpointServerOptions {
  metrics: Pick<Metrics, 'endpointAnswered'>;
  log: Logger;
  /** Null or absent: plain HTTP. */
  tls?: HttpTls | null;
  /** An answer that is not there by then is given up; by default longer than any statement may take, milliseconds. */
  answerMs?: number;
}

/** GET alone, answered with JSON. Neither an answer that tells of a failure nor the log says what was asked for. */
export function endpointServer(
  served: readonly Served[],
  { metrics, log, tls = null, answerMs = 30_000 }: EndpointServerOptions,
): FastifyInstance {
  const app = httpServer(
    {
      logger: false,
      exposeHeadRoutes: false,
      requestTimeout: requestMs,
      handlerTimeout: answerMs,
      bodyLimit: bodyBytes,
      frameworkErrors: (_error, _request, reply) => refuse(reply, 400, 'the path is not valid'),
    },
    tls,
  );
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404, 'not found'));
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    // A connection that its client keeps would hold up the close.
    if (closing) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    const path = request.routeOptions.url;
    if (path !== undefined)
      metrics.endpointAnswered({ path, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
  });
  for (const { pipeline, tools } of served)
    for (const endpoint of pipeline.endpoints)
      app.get(endpoint.path, {
        handler: (request, reply) => answer(endpoint, tools, request, reply),
        errorHandler(error, _request, reply) {
          const later = canBeAskedAgain(error);
          const where = { pipeline: pipeline.name, endpoint: endpoint.path };
          log[later ? 'warn' : 'error']({ ...where, err: error }, 'an endpoint cannot be answered');
          if (later)
            return refuse(reply.header('retry-after', askAgainSeconds), 503, 'cannot be answered now');
          return refuse(reply, 500, 'cannot be answered');
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
    refuse(reply, 400, `not valid: ${[...names].join(', ')}`);
    return reply;
  }
  const body = await endpoint.get(parsed.data, tools);
  if (body === null || body === undefined) refuse(reply, 404, 'not found');
  else void reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
  return reply;
}

function refuse(reply: FastifyReply, status: number, error: string): void {
  void reply.code(status).send({ error });
}

const canBeAskedAgain = (error: unknown): boolean =>
  error instanceof SyncError
    ? error.errorClass !== 'bug'
    : (error as { code?: unknown } | null)?.code === 'FST_ERR_HANDLER_TIMEOUT';
