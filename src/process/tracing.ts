import type { Logger } from 'pino';
import { noTracing } from '../observability/tracing.ts';
import type { Tracing } from '../observability/tracing.ts';
import type { Settings } from './config/settings.ts';

/** As configured; without an endpoint nothing of OpenTelemetry is loaded. */
export async function openTracing(
  settings: Pick<Settings, 'otlpEndpoint' | 'otlpHeaders' | 'otlpServiceName' | 'otlpRatio'>,
  log: Logger,
): Promise<Tracing> {
  const { otlpEndpoint: endpoint, otlpServiceName: serviceName, otlpRatio: ratio } = settings;
  if (endpoint === null) return noTracing;
  const { otlpTracing } = await import('../observability/otlp-tracing.ts');
  const headers = settings.otlpHeaders ?? {};
  return otlpTracing({ endpoint, headers, serviceName, ratio }, log);
}
