import type { Client } from '@temporalio/client';
import { workflowTypes } from '../temporal/names.ts';

/** Whether any of an entity's events that were started before is open and waits for no other row; by visibility. */
export async function anyOpen(
  { workflow }: Pick<Client, 'workflow'>,
  { pipeline, entity, before }: { pipeline: string; entity: string; before: number },
): Promise<boolean> {
  const open = [
    `TandemPipeline = '${pipeline}'`,
    `TandemEntity = '${entity}'`,
    `ExecutionStatus = 'Running'`,
    `StartTime <= '${new Date(before).toISOString()}'`,
  ].join(' AND ');
  const { count: batches } = await workflow.count(`WorkflowType = '${workflowTypes.syncBatch}' AND ${open}`);
  if (batches > 0) return true;
  const events = `WorkflowType = '${workflowTypes.syncChange}' AND ${open}`;
  const { count: all } = await workflow.count(events);
  if (all === 0) return false;
  const { count: waiting } = await workflow.count(`${events} AND TandemErrorClass = 'waiting_for_row'`);
  return all > waiting;
}
