import { z } from 'zod';
import { text } from '../variable.ts';
import type { Variable } from '../variable.ts';

export const httpVariables = {
  host: {
    name: 'HTTP_HOST',
    schema: z.string().regex(/^[\w.:-]+$/, 'must be an address to listen on'),
    default: '127.0.0.1',
    description:
      'Address the metrics and health servers listen on; `0.0.0.0`: every one, for probes and scrapes from elsewhere.',
  },
  metricsPort: {
    name: 'METRICS_PORT',
    schema: text.port,
    default: '8080',
    description: 'Port of `/metrics`; 0: any free one.',
  },
  healthPort: {
    name: 'HEALTH_PORT',
    schema: text.port,
    default: '8081',
    description: 'Port of `/livez`, `/readyz` and `/health`; 0: any free one.',
  },
  endpointsPort: {
    name: 'ENDPOINTS_PORT',
    schema: text.port,
    default: '8082',
    description: 'Port of what pipelines answer over HTTP; 0: any free one.',
  },
  endpointsHost: {
    name: 'ENDPOINTS_HOST',
    schema: z.string().regex(/^[\w.:-]+$/, 'must be an address to listen on'),
    default: '127.0.0.1',
    description:
      'Address they are answered on. Another than a loopback address needs `ENDPOINTS_TOKEN` or `HTTP_TLS_CLIENT_CA_FILE`: they show rows.',
  },
  endpointsToken: {
    name: 'ENDPOINTS_TOKEN',
    schema: text.token,
    secret: true,
    description: 'Token that they ask for as `Authorization: Bearer …`.',
  },
  httpCertificate: {
    name: 'HTTP_TLS_CERT_FILE',
    schema: text.file,
    description: 'PEM file of the certificate all of these answer with; unset: they answer plain HTTP.',
  },
  httpKey: {
    name: 'HTTP_TLS_KEY_FILE',
    schema: text.file,
    description: 'PEM file of the key of `HTTP_TLS_CERT_FILE`.',
  },
  httpClientAuthority: {
    name: 'HTTP_TLS_CLIENT_CA_FILE',
    schema: text.file,
    description:
      'PEM file of an authority: metrics and pipelines then answer only clients with a certificate of it. Health answers everybody, and so does the codec server, which asks for a token.',
  },
  healthMaxLagSeconds: {
    name: 'HEALTH_MAX_LAG_SECONDS',
    schema: text.wholeNumber(1, 86_400),
    default: '30',
    unit: 'seconds',
    description: 'Sync lag of any table above which `/health` answers 503.',
  },
} as const satisfies Record<string, Variable>;
