import type { Client } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { workflowTypes } from '../temporal/names.ts';
import type { VerifyStatus } from '../temporal/verify.ts';
import { askStatus } from './ask-status.ts';
import { followWorkflow } from './follow-workflow.ts';
import { Interrupted } from './interrupt.ts';
import { verifySummary, verifyTable } from './verify-view.ts';

const unknown = (pipeline: string) =>
  `no comparison of ${pipeline} is known: 'tandem verify ${pipeline}' starts one`;

/** Workflow id of the comparison that began last, an operator's or the schedule's. Visibility may run a second behind. */
export async function latestVerify(client: Client, pipeline: string): Promise<string> {
  const query = `WorkflowType = '${workflowTypes.verify}' AND TandemPipeline = '${pipeline}'`;
  // Visibility lists the newest first.
  for await (const { workflowId } of client.workflow.list({ query, pageSize: 1 })) return workflowId;
  throw new Error(unknown(pipeline));
}

/** Throws where Temporal knows of none, or no worker answers. */
export const readVerify = (client: Client, pipeline: string, workflowId: string): Promise<VerifyStatus> =>
  askStatus(client, { workflowId, pipeline, what: 'the comparison', unknown: unknown(pipeline) });

/** Shows how far a comparison is, and returns its end. Throws where it was cancelled or failed, and `Interrupted` where the showing was. */
export async function followVerify(
  client: Client,
  pipeline: string,
  workflowId: string,
  quiet: boolean,
): Promise<VerifyStatus> {
  const read = () => readVerify(client, pipeline, workflowId);
  await read();
  const handle = client.workflow.getHandle<() => Promise<VerifyStatus>>(workflowId);
  const followed = await followWorkflow(
    handle,
    quiet ? null : { read, table: verifyTable, line: verifySummary },
  );
  if (followed.end === 'done') return followed.result;
  if (followed.end === 'interrupted')
    throw new Interrupted(
      followed.by.signal,
      `the comparison goes on: 'tandem verify status ${pipeline}' shows it`,
    );
  const { error } = followed;
  const why = error instanceof WorkflowFailedError ? (error.cause?.message ?? error.message) : String(error);
  throw new Error(`the comparison of ${pipeline} ended before its time: ${why}`, { cause: error });
}
