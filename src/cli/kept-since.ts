import type { Client } from '@temporalio/client';

/** Since when Temporal has forgotten no workflow, milliseconds since the epoch. */
export async function keptSince(client: Client): Promise<number> {
  const { namespace } = client.options;
  const { config } = await client.workflowService.describeNamespace({ namespace });
  return Date.now() - Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1000;
}
