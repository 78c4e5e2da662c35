import { setTimeout as delay } from 'node:timers/promises';
import { ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client, ScheduleDescription, ScheduleExecutionResult } from '@temporalio/client';
import { jobId } from '../temporal/names.ts';

const lookMs = 200;
/** Runs are named by the second they begin in: one that would have the name of the last is not begun. */
const looks = 10;
const attempts = 10;

export interface JobStart {
  workflowId: string;
  /** It was under way already: a run ends before the next begins. */
  joined: boolean;
}

/** Has a job's schedule begin a run at once, also where it is paused. Throws where no worker has made the schedule yet. */
export async function triggerJob(client: Client, pipeline: string, job: string): Promise<JobStart> {
  const before = await describeJob(client, pipeline, job);
  const [running] = before.info.runningActions;
  if (running) return { workflowId: running.workflow.workflowId, joined: true };
  const known = new Set(before.info.recentActions.map(runOf));
  for (let attempt = 0; attempt < attempts; attempt++) {
    await client.schedule.getHandle(jobId(pipeline, job)).trigger(ScheduleOverlapPolicy.SKIP);
    for (let look = 0; look < looks; look++) {
      const { info } = await describeJob(client, pipeline, job);
      const begun = info.recentActions.find((each) => !known.has(runOf(each)));
      if (begun) return { workflowId: begun.action.workflow.workflowId, joined: false };
      await delay(lookMs);
    }
  }
  throw new Error(`Temporal took the order to run ${job} of ${pipeline}, and has not begun a run`);
}

const runOf = ({ action }: ScheduleExecutionResult) => action.workflow.firstExecutionRunId;

/** Throws where no worker has made the schedule yet. */
export async function describeJob(
  client: Client,
  pipeline: string,
  job: string,
): Promise<ScheduleDescription> {
  try {
    return await client.schedule.getHandle(jobId(pipeline, job)).describe();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    const repair = `'tandem worker ${pipeline}' makes it when it starts`;
    throw new Error(`job ${job} of ${pipeline} has no schedule yet: ${repair}`, { cause: error });
  }
}
