import { isGrpcServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';

const notFound = 5;

/** The first argument a workflow was started with, from its history; null where Temporal has no history of it any more. */
export async function readWorkflowInput(
  client: Client,
  execution: { workflowId: string; runId: string },
): Promise<unknown> {
  const { workflowId, runId } = execution;
  try {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1,
    });
    const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
    const [input] = await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads);
    return input ?? null;
  } catch (error) {
    if (isGrpcServiceError(error) && (error.code as number) === notFound) return null;
    throw error;
  }
}
