import { z } from 'zod';
import { parsePayloadKeys } from '../../../temporal/payload-keys.ts';
import { text } from '../variable.ts';
import type { Variable } from '../variable.ts';

const payloadKeys = z.string().transform((value, context) => {
  try {
    return parsePayloadKeys(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

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
  deploymentName: {
    name: 'TEMPORAL_DEPLOYMENT_NAME',
    schema: z.string().regex(/^[\w-]+$/, 'must be letters, digits, _ and -'),
    description:
      'Name of the worker deployment in Temporal, by which workers are versioned: one for each `tandem worker`. Unset: all workers take all work. More in docs/upgrading.md.',
  },
  buildId: {
    name: 'TEMPORAL_WORKER_BUILD_ID',
    schema: z.string().regex(/^[\w.+-]+$/, 'must be letters, digits, _, ., + and -'),
    description:
      "Version of the workers in `TEMPORAL_DEPLOYMENT_NAME`, where it is not the package's: of an image with pipelines of one's own.",
  },
  payloadKeys: {
    name: 'PAYLOAD_KEYS',
    schema: payloadKeys,
    secret: true,
    description:
      'Keys that encrypt what Temporal stores of rows, as `ID:KEY` separated by commas, or by lines in a file; the first encrypts, all decrypt. A KEY is what `openssl rand -base64 32` prints. `plain` instead of the first: nothing is encrypted, and what is can be read. Unset: no encryption.',
  },
} as const satisfies Record<string, Variable>;
