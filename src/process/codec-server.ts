import type { Payload, PayloadCodec } from '@temporalio/common';
import { decode, encode } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { httpServer, refuse } from '../observability/http-server.ts';
import type { HttpLimits, HttpTls } from '../observability/http-server.ts';
import { errorFields } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { EncryptionCodec } from '../temporal/encryption-codec.ts';
import { GzipCodec } from '../temporal/payload-codec.ts';
import type { PayloadKeys } from '../temporal/payload-keys.ts';
import { bearerHook } from './bearer.ts';
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
  limits?: Partial<HttpLimits>;
}

/** The payloads of a page of history; one is at most 2 MB, in base64. */
const bodyBytes = 16 * 1024 * 1024;
/** What one payload may become: a small one can unpack to anything. */
const decodedBytes = 64 * 1024 * 1024;

/**
 * Temporal's remote codec: `POST /encode` and `/decode` of payloads as JSON, for the Web UI and the CLI. No value, and
 * nothing of a request, reaches a log.
 */
export function codecServer(options: CodecServerOptions): FastifyInstance {
  const { keys, namespace, origins, check, metrics, log, tls = null, limits } = options;
  const codecs: PayloadCodec[] = [new GzipCodec(decodedBytes), new EncryptionCodec(keys)];
  const app = httpServer({
    tls,
    limits,
    bodyLimit: bodyBytes,
    metrics,
    failed: (error) => log.error({ component: 'codec', err: error }, 'payloads cannot be answered'),
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('cache-control', 'no-store').header('vary', 'origin');
    const { origin } = request.headers;
    if (origin === undefined) return;
    if (!origins.includes(origin)) return refuse(reply, 403, 'this origin is not in CODEC_ORIGINS');
    void reply.header('access-control-allow-origin', origin);
  });
  const authorise = [
    ...(check === null ? [] : [bearerHook(check, log)]),
    async ({ headers }: FastifyRequest, reply: FastifyReply) => {
      if (headers['x-namespace'] !== namespace)
        return refuse(reply, 403, `X-Namespace must be ${namespace}, whose payloads these keys are for`);
    },
  ];
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
      if (!parsed.success) return refuse(reply, 400, shape);
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

const shape = 'must be {"payloads":[{"metadata":{…},"data":…}]} with values in base64';

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
