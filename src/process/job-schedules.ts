import { ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { JobDefinition } from '../pipeline/jobs.ts';
import type { JobInput } from '../temporal/jobs.ts';
import { jobId, jobPrefix, taskQueue, workflowTypes } from '../temporal/names.ts';
import { attributePairs } from '../temporal/search-attributes.ts';
import { ensureSchedule, untilTaken } from './ensure-schedule.ts';
import type { Scheduling } from './ensure-schedule.ts';

/**
 * Sees to a schedule for each job of the pipeline, as `ensureSchedule` does, and deletes those of jobs that it has no more; a
 * run that is under way is left. Waits for Temporal.
 */
export async function scheduleJobs(to: Scheduling, jobs: readonly JobDefinition[]): Promise<void> {
  for (const job of jobs) await ensureSchedule(to, jobId(to.pipeline, job.name), schedule(to.pipeline, job));
  await deleteOthers(to, new Set(jobs.map(({ name }) => jobId(to.pipeline, name))));
}

function schedule(pipeline: string, { name, description, everyMs }: JobDefinition) {
  const input: JobInput = { pipeline, job: name };
  const typedSearchAttributes = new TypedSearchAttributes(attributePairs({ TandemPipeline: pipeline }));
  return {
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: workflowTypes.job,
      workflowId: jobId(pipeline, name),
      taskQueue: taskQueue(pipeline),
      args: [input],
      typedSearchAttributes,
      staticSummary: description,
      staticDetails: `- begins every ${everyMs / 1000} s, one run at a time`,
    },
    /** One run at a time; one that takes longer lets the next ones pass. */
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: everyMs },
    typedSearchAttributes,
  };
}

async function deleteOthers(to: Scheduling, wanted: ReadonlySet<string>): Promise<void> {
  const prefix = jobPrefix(to.pipeline);
  const { schedule } = to.client;
  await untilTaken(to, `${prefix}*`, async () => {
    for await (const { scheduleId } of schedule.list({ query: `TandemPipeline = '${to.pipeline}'` })) {
      if (!scheduleId.startsWith(prefix) || wanted.has(scheduleId)) continue;
      await schedule.getHandle(scheduleId).delete().catch(unlessGone);
      to.log.info({ pipeline: to.pipeline, schedule: scheduleId }, 'deleted the schedule of a dropped job');
    }
  });
}

/** Another worker may have deleted it, and the list comes after the fact. */
function unlessGone(error: unknown): void {
  if (!(error instanceof ScheduleNotFoundError)) throw error;
}
