import { z } from 'zod';
import { text } from '../variable.ts';
import type { Variable } from '../variable.ts';

export const effectsVariables = {
  eventBus: {
    name: 'EVENT_BUS',
    schema: text.list.pipe(
      z
        .array(z.enum(['redis', 'dapr', 'kafka', 'none'], 'must be of redis, dapr, kafka and none'))
        .refine((buses) => buses.length === 1 || !buses.includes('none'), 'none goes with no other'),
    ),
    default: 'redis',
    description:
      'Where pipelines publish applied changes, where they do; several separated by commas. redis: Redis Streams, one per topic, as Dapr writes them. dapr: a Dapr sidecar. kafka: a topic `<table>-changes` for each source table. none: nowhere.',
  },
  redisUrl: {
    name: 'REDIS_URL',
    schema: text.url(['redis', 'rediss']),
    default: 'redis://localhost:6379',
    secret: true,
    description:
      'Redis for `EVENT_BUS=redis`, and the cache of pipelines that keep one. rediss: over TLS, its certificate verified.',
  },
  redisAuthority: {
    name: 'REDIS_TLS_CA_FILE',
    schema: text.file,
    description: "PEM file of the authority that signed Redis' certificate, where it is not a public one.",
  },
  redisCertificate: {
    name: 'REDIS_TLS_CERT_FILE',
    schema: text.file,
    description: 'PEM file of the client certificate, where Redis asks for one.',
  },
  redisKey: {
    name: 'REDIS_TLS_KEY_FILE',
    schema: text.file,
    description: 'PEM file of the key of `REDIS_TLS_CERT_FILE`.',
  },
  daprEndpoint: {
    name: 'DAPR_HTTP_ENDPOINT',
    schema: text.httpUrl,
    default: 'http://localhost:3500',
    description: 'The sidecar for `EVENT_BUS=dapr`; its token is in `DAPR_API_TOKEN`.',
  },
  pubsubName: {
    name: 'PUBSUB_NAME',
    schema: text.any,
    default: 'pubsub',
    description: "Name of Dapr's pub/sub component, as messages carry it.",
  },
} as const satisfies Record<string, Variable>;
