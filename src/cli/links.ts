import { deadLetterQuery } from '../temporal/dead-letter-filter.ts';
import type { Settings } from '../process/config/settings.ts';
import { endpointsAddress } from '../process/endpoints.ts';
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
  `metrics       http://localhost:${metricsPort}/metrics`,
  `health        http://localhost:${healthPort}/health`,
  ...(endpointsPort === null
    ? []
    : [`endpoints     ${endpointsAddress(settings.endpointsHost, endpointsPort)}`]),
  ...(codecPort === null ? [] : [`codec server  ${endpointsAddress(settings.codecHost, codecPort)}`]),
];
