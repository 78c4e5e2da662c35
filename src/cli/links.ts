import { httpScheme } from '../process/config/http.ts';
import type { Settings } from '../process/config/settings.ts';
import { endpointsAddress } from '../process/endpoints.ts';

/** Web UI address of a workflow. */
export const workflowLink = ({ temporalUiUrl, temporalNamespace }: Settings, workflowId: string): string =>
  `${temporalUiUrl}/namespaces/${temporalNamespace}/workflows/${encodeURIComponent(workflowId)}`;

/** Web UI list of the workflows a visibility query finds. */
export const listLink = ({ temporalUiUrl, temporalNamespace }: Settings, query: string): string =>
  `${temporalUiUrl}/namespaces/${temporalNamespace}/workflows?query=${encodeURIComponent(query)}`;

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
  `dead letters  ${listLink(settings, "WorkflowType='deadLetter' AND ExecutionStatus='Running'")}`,
  `metrics       ${httpScheme(settings)}://localhost:${metricsPort}/metrics`,
  `health        ${httpScheme(settings)}://localhost:${healthPort}/health`,
  ...(endpointsPort === null ? [] : [`endpoints     ${endpointsAddress(settings, endpointsPort)}`]),
];
