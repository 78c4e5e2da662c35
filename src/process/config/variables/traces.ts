import { z } from 'zod';
import { text } from '../variable.ts';
import type { Variable } from '../variable.ts';

const headers = text.list.transform((pairs, context) => {
  const entries = pairs.map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [name.trim(), decoded(value.join('=').trim())] as const;
  });
  if (entries.some(([name, value]) => name === '' || !value))
    context.addIssue({ code: 'custom', message: 'must be name=value, several separated by commas' });
  return Object.fromEntries(entries) as Record<string, string>;
});

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** Under the names OpenTelemetry gives them. */
export const traceVariables = {
  otlpEndpoint: {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    schema: text.httpUrl,
    description:
      'Where traces go: base address of OTLP over HTTP, `http://localhost:4318` of a collector. Unset: nothing is traced.',
  },
  otlpHeaders: {
    name: 'OTEL_EXPORTER_OTLP_HEADERS',
    schema: headers,
    secret: true,
    description: 'Headers sent with them, as name=value, separated by commas, values percent-encoded.',
  },
  otlpServiceName: {
    name: 'OTEL_SERVICE_NAME',
    schema: text.any,
    default: 'tandem',
    description: 'Name of the service in traces.',
  },
  otlpRatio: {
    name: 'OTEL_TRACES_SAMPLER_ARG',
    schema: z
      .string()
      .regex(/^(?:0(?:\.\d+)?|1(?:\.0+)?)$/, 'must be a number from 0 to 1')
      .transform(Number),
    default: '1',
    description:
      'Share of the traces begun by Tandem that are kept. A record that carries a `traceparent` says it itself.',
  },
} as const satisfies Record<string, Variable>;
