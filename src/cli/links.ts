import { deadLetterQuery } from '../temporal/dead-letter-filter.ts';
import { httpAddress, httpScheme } from '../process/config/http.ts';
import type { Settings } from '../process/config/settings.ts';
import type { Running } from '../process/run.ts';
import { listLink } from '../process/web-ui.ts';

/** Says where the same is in the Web UI. */
export const inWebUi = (link: string): void => void process.stdout.write(`in the Web UI: ${link}\n`);

/** Where to look while Tandem runs. */
export const runningLinks = (
  settings: Settings,
  {
    healthPort,
    metricsPort,
    endpointsPort,
    codecPort,
  }: Pick<Running, 'healthPort' | 'metricsPort' | 'endpointsPort' | 'codecPort'>,
): string[] => [
  `Web UI        ${settings.temporalUiUrl}`,
  `dead letters  ${listLink(settings, deadLetterQuery({}))}`,
  `metrics       ${httpScheme(settings)}://localhost:${metricsPort}/metrics`,
  `health        ${httpScheme(settings)}://localhost:${healthPort}/health`,
  ...(endpointsPort === null
    ? []
    : [`endpoints     ${httpAddress(settings, settings.endpointsHost, endpointsPort)}`]),
  ...(codecPort === null ? [] : [`codec server  ${httpAddress(settings, settings.codecHost, codecPort)}`]),
];
