import type { Settings } from './config/settings.ts';

type WebUi = Pick<Settings, 'temporalUiUrl' | 'temporalNamespace'>;

/** Web UI address of a workflow. */
export const workflowLink = ({ temporalUiUrl, temporalNamespace }: WebUi, workflowId: string): string =>
  `${temporalUiUrl}/namespaces/${temporalNamespace}/workflows/${encodeURIComponent(workflowId)}`;

/** Web UI list of the workflows a visibility query finds. */
export const listLink = ({ temporalUiUrl, temporalNamespace }: WebUi, query: string): string =>
  `${temporalUiUrl}/namespaces/${temporalNamespace}/workflows?query=${encodeURIComponent(query)}`;
