import { z } from 'zod';
import { text } from '../variable.ts';
import type { Variable } from '../variable.ts';

export const temporalVariables = {
  temporalAddress: {
    name: 'TEMPORAL_ADDRESS',
    schema: text.address,
    default: 'localhost:7233',
    description: 'Temporal frontend as host:port.',
  },
  temporalNamespace: {
    name: 'TEMPORAL_NAMESPACE',
    schema: z.string().regex(/^[\w.-]+$/, 'must be a namespace name'),
    default: 'default',
    description: 'Temporal namespace; it must exist.',
  },
  temporalTls: {
    name: 'TEMPORAL_TLS',
    schema: text.truth,
    default: 'false',
    description: 'Whether to speak TLS to Temporal, whose certificate is verified.',
  },
  temporalAuthority: {
    name: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    schema: text.file,
    description:
      "PEM file of the authority that signed Temporal's certificate, where it is not a public one.",
  },
  temporalCertificate: {
    name: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
    schema: text.file,
    description: 'PEM file of the client certificate, where Temporal asks for one (mTLS).',
  },
  temporalKey: {
    name: 'TEMPORAL_TLS_CLIENT_KEY_PATH',
    schema: text.file,
    description: 'PEM file of the key of `TEMPORAL_TLS_CLIENT_CERT_PATH`.',
  },
  temporalServerName: {
    name: 'TEMPORAL_TLS_SERVER_NAME',
    schema: text.any,
    description: "Host name to verify Temporal's certificate for, where it is not that of the address.",
  },
  temporalApiKey: {
    name: 'TEMPORAL_API_KEY',
    schema: text.any,
    secret: true,
    description: 'API key to log in to Temporal with; needs `TEMPORAL_TLS`.',
  },
  temporalUiUrl: {
    name: 'TEMPORAL_UI_URL',
    schema: text.httpUrl,
    default: 'http://localhost:8233',
    description: 'Temporal Web UI, for the links Tandem prints.',
  },
} as const satisfies Record<string, Variable>;
