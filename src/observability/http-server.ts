import fastify from 'fastify';
import type { FastifyHttpsOptions, FastifyInstance, FastifyReply, FastifyServerOptions } from 'fastify';
import type { Server } from 'node:https';
import type { Metrics } from './metrics.ts';

/** What a server answers with over TLS, in PEM. */
export interface HttpTls {
  cert: Buffer;
  key: Buffer;
  /** Clients need a certificate that it signed; null: whoever comes is answered. */
  clientAuthority: Buffer | null;
}

/** Milliseconds. */
export interface HttpLimits {
  /** A request must have come within that time, its headers and a handshake too. */
  requestMs: number;
  /** An answer that is not there by then is given up; longer than any statement may take. */
  answerMs: number;
  /** A connection on which nothing moves for so long is cut: whoever asks must read. */
  idleMs: number;
  /** How often it is looked at what has taken too long. */
  checkMs: number;
}

export const httpLimits: HttpLimits = { requestMs: 10_000, answerMs: 30_000, idleMs: 60_000, checkMs: 1000 };

/** Where nobody has anything to send. */
const smallBody = 1024;
const headerBytes = 16 * 1024;

interface HttpOptions extends Pick<FastifyServerOptions, 'forceCloseConnections' | 'exposeHeadRoutes'> {
  /** Null: plain HTTP. */
  tls: HttpTls | null;
  limits?: Partial<HttpLimits> | undefined;
  /** Largest body; default small. */
  bodyLimit?: number;
  /** Told of every answer on a path that there is. */
  metrics?: Pick<Metrics, 'endpointAnswered'>;
  /** Told of what is answered with 500 or more. */
  failed?: (error: unknown) => void;
}

export const refuse = (reply: FastifyReply, status: number, error: string): FastifyReply =>
  reply.code(status).send({ error });

/**
 * A server that nobody can hold up: sizes and times are limited. No answer to what it refuses, or cannot answer, says more of
 * it than the status does. Its close waits for answers under way alone.
 */
export function httpServer({ tls, limits, bodyLimit = smallBody, metrics, failed, ...options }: HttpOptions) {
  const { requestMs, answerMs, idleMs, checkMs } = { ...httpLimits, ...limits };
  const messages: Readonly<Record<number, string>> = {
    400: 'the request is not valid',
    413: `must not be larger than ${bodyLimit} bytes`,
    415: 'must be application/json',
  };
  const app = plainOrEncrypted(
    {
      logger: false,
      exposeHeadRoutes: false,
      bodyLimit,
      requestTimeout: requestMs,
      handlerTimeout: answerMs,
      connectionTimeout: idleMs,
      frameworkErrors: (_error, _request, reply) => void refuse(reply, 400, 'the path is not valid'),
      ...options,
    },
    { headersTimeout: requestMs, connectionsCheckingInterval: checkMs, maxHeaderSize: headerBytes },
    tls,
  );
  // A web page may send text without asking first.
  app.removeContentTypeParser('text/plain');
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404, 'not found'));
  app.setErrorHandler((error, _request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status >= 500) failed?.(error);
    return refuse(reply, status, messages[status] ?? 'cannot be answered');
  });
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    // A connection that its client keeps would hold up the close.
    if (closing) reply.header('connection', 'close');
  });
  if (metrics)
    app.addHook('onResponse', async ({ method, routeOptions: { url: path } }, reply) => {
      if (path !== undefined && method !== 'OPTIONS')
        metrics.endpointAnswered({ path, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
    });
  return app;
}

function plainOrEncrypted(
  options: FastifyServerOptions,
  node: { headersTimeout: number; connectionsCheckingInterval: number; maxHeaderSize: number },
  tls: HttpTls | null,
): FastifyInstance {
  if (tls === null) return fastify({ ...options, http: node });
  const { cert, key, clientAuthority } = tls;
  const client = clientAuthority === null ? {} : { ca: clientAuthority, requestCert: true };
  const https = { ...node, handshakeTimeout: node.headersTimeout, cert, key, ...client };
  // Its type differs from that of a plain one by the server below, which nobody touches.
  return fastify({ ...options, https } as unknown as FastifyHttpsOptions<Server>);
}
