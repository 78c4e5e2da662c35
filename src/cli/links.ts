import { deadLetterQuery } from './dead-letter-filter.ts';
import type { Settings } from '../process/config/settings.ts';
import { endpointsAddress } from '../process/endpoints.ts';

/** Web UI address of a workflow. */
export const workflowLink = ({ temporalUiUrl, temporalNamespace }: Settings, workflowId: string): string =>
  `${temporalUiUrl}/namespaces/${temporalNamespace}/workflows/${encodeURIComponent(workflowId)}`;

/** Web UI list of the workflows a visibility query finds. */
export const listLink = ({ temporalUiUrl, temporalNamespace }: Settings, query: string): string =>
  `${temporalUiUrl}/namespaces/${temporalNamespace}/workflows?query=${encodeURIComponent(query)}`;

/** Says where the same is in the Web UI. */
export const inWebUi = (link: string): void => void process.stdout.write(`in the Web UI: ${link}\n`);

/** Where to look while Tandem runs. */
export const runningLinks = (
  settings: Settings,
  {
    healthPort,
    metricsPort,
    endpointsPort,
  }: { healthPort: number; metricsPort: number; endpointsPort: number | null },
): string[] => [
  `Web UI        ${settings.temporalUiUrl}`,
  `dead letters  ${listLink(settings, deadLetterQuery({}))}`,
  `metrics       http://localhost:${metricsPort}/metrics`,
  `health        http://localhost:${healthPort}/health`,
  ...(endpointsPort === null
    ? []
    : [`endpoints     ${endpointsAddress(settings.endpointsHost, endpointsPort)}`]),
];
