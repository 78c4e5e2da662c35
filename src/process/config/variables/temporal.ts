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
  temporalUiUrl: {
    name: 'TEMPORAL_UI_URL',
    schema: text.httpUrl,
    default: 'http://localhost:8233',
    description: 'Temporal Web UI, for the links Tandem prints.',
  },
} as const satisfies Record<string, Variable>;
