import type { Client } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import type { BackfillStatus } from '../temporal/backfill.ts';
import { backfillId } from '../temporal/names.ts';
import { askStatus } from './ask-status.ts';
import { backfillSummary, backfillTable } from './backfill-view.ts';
import { followWorkflow } from './follow-workflow.ts';
import { Interrupted } from './interrupt.ts';
import { print } from './print.ts';

/** Throws where Temporal knows of none, or no worker answers. */
export const readBackfill = (client: Client, pipeline: string): Promise<BackfillStatus> =>
  askStatus(client, {
    workflowId: backfillId(pipeline),
    pipeline,
    what: 'the backfill',
    unknown: `no backfill of ${pipeline} is known: 'tandem backfill ${pipeline}' starts one`,
  });

/** Shows how far a backfill is until its end. Throws where it was cancelled or failed, and `Interrupted` where the showing was. */
export async function followBackfill(
  client: Client,
  pipeline: string,
  { json }: { json: boolean },
): Promise<void> {
  const read = () => readBackfill(client, pipeline);
  await read();
  const view = { read, table: backfillTable, line: backfillSummary };
  const followed = await followWorkflow(client.workflow.getHandle(backfillId(pipeline)), json ? null : view);
  if (followed.end === 'interrupted')
    throw new Interrupted(
      followed.by.signal,
      `the backfill goes on: 'tandem backfill status ${pipeline}' shows it`,
    );
  if (followed.end === 'failed') throw endOf(pipeline, followed.error);
  const status = await read();
  print(json, status, backfillTable);
}

function endOf(pipeline: string, error: unknown): Error {
  const why = error instanceof WorkflowFailedError ? (error.cause?.message ?? error.message) : String(error);
  return new Error(`the backfill of ${pipeline} ended before its time: ${why}`);
}
