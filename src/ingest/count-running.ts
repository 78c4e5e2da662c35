import type { Client } from '@temporalio/client';
import { workflowTypes } from '../temporal/names.ts';

/** Milliseconds; past it the last figure stands. */
const countMs = 5000;

/** Running `syncChange` workflows of a pipeline, by visibility. Rejects where Temporal does not answer in five seconds. */
export async function countRunning(client: Client, pipeline: string): Promise<number> {
  const query = `WorkflowType = '${workflowTypes.syncChange}' AND TandemPipeline = '${pipeline}' AND ExecutionStatus = 'Running'`;
  const { count } = await client.withDeadline(Date.now() + countMs, () => client.workflow.count(query));
  return count;
}
