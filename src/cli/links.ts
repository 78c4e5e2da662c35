import type { Settings } from '../process/config/settings.ts';
import { endpointsAddress } from '../process/endpoints.ts';
import type { Running } from '../process/run.ts';
import { listLink } from '../process/web-ui.ts';

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
  `dead letters  ${listLink(settings, "WorkflowType='deadLetter' AND ExecutionStatus='Running'")}`,
  `metrics       http://localhost:${metricsPort}/metrics`,
  `health        http://localhost:${healthPort}/health`,
  ...(endpointsPort === null
    ? []
    : [`endpoints     ${endpointsAddress(settings.endpointsHost, endpointsPort)}`]),
  ...(codecPort === null ? [] : [`codec server  ${endpointsAddress(settings.codecHost, codecPort)}`]),
];
