import type { Payload, PayloadCodec } from '@temporalio/common';
import { decode, encode } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { httpServer } from '../observability/listen.ts';
import type { HttpTls } from '../observability/listen.ts';
import { errorFields } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { EncryptionCodec } from '../temporal/encryption-codec.ts';
import { GzipCodec } from '../temporal/payload-codec.ts';
import type { PayloadKeys } from '../temporal/payload-keys.ts';
import type { BearerCheck } from './bearer.ts';

export interface CodecServerOptions {
  keys: PayloadKeys;
  namespace: string;
  /** Of the web pages that may ask. Who is no web page sends none. */
  origins: readonly string[];
  /** Null: whoever reaches it is answered. */
  check: BearerCheck | null;
  metrics: Pick<Metrics, 'endpointAnswered'>;
  log: Logger;
  /** Null or absent: plain HTTP. */
  tls?: HttpTls | null;
}

/** A request must have come within that time, milliseconds, and have its answer within the other. */
const requestMs = 10_000;
const answerMs = 30_000;
/** The payloads of a page of history; one is at most 2 MB, in base64. */
const bodyBytes = 16 * 1024 * 1024;
/** What one payload may become: a small one can unpack to anything. */
const decodedBytes = 64 * 1024 * 1024;

/**
 * Temporal's remote codec: `POST /encode` and `/decode` of payloads as JSON, for the Web UI and the CLI. No value, and
 * nothing of a request, reaches a log.
 */
export function codecServer(options: CodecServerOptions): FastifyInstance {
  const { keys, namespace, origins, check, metrics, log, tls = null } = options;
  const codecs: PayloadCodec[] = [new GzipCodec(decodedBytes), new EncryptionCodec(keys)];
  const app = httpServer(
    {
      logger: false,
      exposeHeadRoutes: false,
      requestTimeout: requestMs,
      handlerTimeout: answerMs,
      bodyLimit: bodyBytes,
      forceCloseConnections: 'idle',
      frameworkErrors: (_error, _request, reply) => void refuse(reply, 400, 'the path is not valid'),
    },
    tls,
  );
  // A web page may send text without asking first.
  app.removeContentTypeParser('text/plain');
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404, 'not found'));
  app.setErrorHandler((error, _request, reply) => {
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status >= 500) log.error({ component: 'codec', err: error }, 'payloads cannot be answered');
    return refuse(reply, status, messages[status] ?? 'cannot be answered');
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('cache-control', 'no-store').header('vary', 'origin');
    const { origin } = request.headers;
    if (origin === undefined) return;
    if (!origins.includes(origin)) return refuse(reply, 403, 'this origin is not in CODEC_ORIGINS');
    void reply.header('access-control-allow-origin', origin);
  });
  app.addHook('onResponse', async (request, reply) => {
    const path = request.routeOptions.url;
    if (path !== undefined && request.method === 'POST')
      metrics.endpointAnswered({ path, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
  });

  async function authorise({ headers }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | void> {
    try {
      if (check !== null && !(await check(headers.authorization)))
        return refuse(reply.header('www-authenticate', 'Bearer'), 401, 'a bearer token is needed');
    } catch (error) {
      log.error({ component: 'codec', err: error }, 'CODEC_ISSUER cannot be asked about a token');
      return refuse(reply.header('retry-after', '5'), 503, 'cannot be answered now');
    }
    if (headers['x-namespace'] !== namespace)
      return refuse(reply, 403, `X-Namespace must be ${namespace}, whose payloads these keys are for`);
  }
  const answers = { encode, decode };
  for (const [path, work] of Object.entries(answers)) {
    app.options(`/${path}`, (_request, reply) =>
      reply
        .code(204)
        .headers({
          'access-control-allow-methods': 'POST',
          'access-control-allow-headers': 'authorization, authorization-extras, content-type, x-namespace',
          'access-control-max-age': '600',
        })
        .send(),
    );
    app.post(`/${path}`, { onRequest: authorise }, async (request, reply) => {
      const parsed = body.safeParse(request.body);
      if (!parsed.success) return refuse(reply, 400, messages[400]!);
      try {
        const payloads = await work(codecs, parsed.data.payloads.map(fromJson));
        return { payloads: payloads.map(toJson) };
      } catch (error) {
        log.warn({ component: 'codec', err: error }, 'payloads cannot be read');
        const { error: reason } = errorFields(error);
        return refuse(reply, 422, String(reason ?? 'a payload cannot be read'));
      }
    });
  }
  return app;
}

const messages: Readonly<Record<number, string>> = {
  400: 'must be {"payloads":[{"metadata":{…},"data":…}]} with values in base64',
  413: `must not be larger than ${bodyBytes} bytes`,
  415: 'must be application/json',
};

const body = z.object({
  // An update without arguments has none, and protobuf's JSON leaves an empty list out.
  payloads: z
    .array(
      z.object({
        metadata: z.record(z.string(), z.base64()).default({}),
        data: z.base64().default(''),
      }),
    )
    .default([]),
});

type JsonPayload = z.output<typeof body>['payloads'][number];

const fromJson = ({ metadata, data }: JsonPayload): Payload => ({
  metadata: Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
  ),
  data: Buffer.from(data, 'base64'),
});

const base64 = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('base64');

const toJson = ({ metadata, data }: Payload): JsonPayload => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
  data: base64(data),
});

const refuse = (reply: FastifyReply, status: number, error: string): FastifyReply =>
  reply.code(status).send({ error });
