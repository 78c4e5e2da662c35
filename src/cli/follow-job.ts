import type { Client } from '@temporalio/client';
import type { JobStatus } from '../temporal/jobs.ts';
import { askStatus } from './ask-status.ts';
import { followWorkflow } from './follow-workflow.ts';
import { Interrupted } from './interrupt.ts';
import { readEnd } from './job-end.ts';
import { jobSummary, jobTable } from './jobs-view.ts';
import type { JobStart } from './trigger-job.ts';

/** Shows how far a run of a job is until its end. Throws where it was cancelled or failed, and `Interrupted` where the showing was. */
export async function followJob(
  client: Client,
  { pipeline, job, workflowId, joined }: JobStart & { pipeline: string; job: string },
  { json }: { json: boolean },
): Promise<void> {
  const name = `${job} of ${pipeline}`;
  const unknown = `Temporal does not know the run of ${name} any more`;
  const read = () =>
    askStatus<JobStatus>(client, { workflowId, pipeline, what: `the run of ${name}`, unknown });
  const print = (status: JobStatus) =>
    process.stdout.write(
      `${json ? JSON.stringify({ workflowId, joined, ...status }, null, 2) : jobTable(status)}\n`,
    );
  await read();
  const handle = client.workflow.getHandle<() => Promise<JobStatus>>(workflowId);
  const followed = await followWorkflow(handle, json ? null : { read, table: jobTable, line: jobSummary });
  if (followed.end === 'interrupted')
    throw new Interrupted(followed.by.signal, `the run goes on: 'tandem jobs list ${pipeline}' shows it`);
  if (followed.end === 'done') print(followed.result);
  else {
    const { status, why } = readEnd(followed.error);
    if (status) print(status);
    throw new Error(`the run of ${name} ${why}`);
  }
}
