import type { Client } from '@temporalio/client';
import type { DeadLetterStatus, SyncStatus } from '../../src/temporal/messages.ts';
import { queryNames, workflowTypes } from '../../src/temporal/names.ts';

/** Asked for one by one, so not all of thousands. */
const mostAsked = 30;

async function open(client: Client, type: string, since: Date): Promise<string[]> {
  const query = `WorkflowType = '${type}' AND ExecutionStatus = 'Running' AND TandemPipeline = 'blog' AND StartTime >= '${since.toISOString()}'`;
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  return ids;
}

/** Open dead letters, each with its reason. */
export async function deadLetters(client: Client, since: Date): Promise<string[]> {
  const ids = await open(client, workflowTypes.deadLetter, since);
  const told = ids.slice(0, mostAsked).map(async (id) => {
    const { entity, failure } = await client.workflow
      .getHandle(id)
      .query<DeadLetterStatus>(queryNames.status);
    return `${id} of ${entity}: ${failure.errorClass}: ${failure.message}`;
  });
  return [...(await Promise.all(told)), ...ids.slice(mostAsked)];
}

/** Events that have not ended, each with what it is in. */
export async function openEvents(client: Client, since: Date): Promise<string[]> {
  const ids = await open(client, workflowTypes.syncChange, since);
  const told = ids.slice(0, mostAsked).map(async (id) => {
    const { entity, operation, step, trouble } = await client.workflow
      .getHandle(id)
      .query<SyncStatus>(queryNames.status);
    return `${id}, ${operation} of ${entity} at ${step}: ${trouble ? `${trouble.errorClass}: ${trouble.message}` : 'no trouble'}`;
  });
  const settled = await Promise.allSettled(told);
  return settled.map((each, index) =>
    each.status === 'fulfilled' ? each.value : `${ids[index]}: no answer`,
  );
}
