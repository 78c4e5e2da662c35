import { readFileSync } from 'node:fs';
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

const content = z.string().transform((path, context) => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    context.addIssue({
      code: 'custom',
      message: `cannot be read (${(error as NodeJS.ErrnoException).code})`,
    });
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
  temporalUiUrl: {
    name: 'TEMPORAL_UI_URL',
    schema: text.httpUrl,
    default: 'http://localhost:8233',
    description: 'Temporal Web UI, for the links Tandem prints.',
  },
  payloadKeys: {
    name: 'PAYLOAD_KEYS',
    schema: payloadKeys,
    secret: true,
    description:
      'Keys that encrypt what Temporal stores of rows, as `ID:KEY` separated by commas; the first encrypts, all decrypt. A KEY is what `openssl rand -base64 32` prints. `plain` instead of the first: nothing is encrypted, and what is can be read. Unset: no encryption.',
  },
  payloadKeysFile: {
    name: 'PAYLOAD_KEYS_FILE',
    schema: content.pipe(payloadKeys),
    description: 'File with the keys instead, one a line or separated by commas.',
  },
} as const satisfies Record<string, Variable>;
