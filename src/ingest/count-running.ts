import type { Client } from '@temporalio/client';
import { workflowTypes } from '../temporal/names.ts';

/** Milliseconds; past it the last figure stands. */
const countMs = 5000;

export interface RunningEvents {
  /** Running `syncChange` workflows of a pipeline. */
  running: number;
  /** Of these, those that wait for another row: they cost nobody anything until they are woken. */
  waiting: number;
  /** Running `syncBatch` workflows. */
  batches: number;
}

/** By visibility. Rejects where Temporal does not answer in five seconds. */
export async function countRunning(client: Client, pipeline: string): Promise<RunningEvents> {
  const of = (type: string) =>
    `WorkflowType = '${type}' AND TandemPipeline = '${pipeline}' AND ExecutionStatus = 'Running'`;
  const query = of(workflowTypes.syncChange);
  return client.withDeadline(Date.now() + countMs, async () => {
    // In this order: one that begins to wait in between is counted twice rather than not at all.
    const { count: waiting } = await client.workflow.count(
      `${query} AND TandemErrorClass = 'waiting_for_row'`,
    );
    const { count: running } = await client.workflow.count(query);
    const { count: batches } = await client.workflow.count(of(workflowTypes.syncBatch));
    return { running, batches, waiting: Math.min(waiting, running) };
  });
}
