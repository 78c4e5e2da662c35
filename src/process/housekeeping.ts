import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { HousekeepingInput } from '../temporal/housekeeping.ts';
import { housekeepingId, taskQueue, workflowTypes } from '../temporal/names.ts';
import { ensureSchedule } from './ensure-schedule.ts';
import type { Scheduling } from './ensure-schedule.ts';

/** One run at a time; one that takes longer lets the next ones pass. */
const everyMs = 5 * 60_000;

/** Sees to the pipeline's schedule of housekeeping, as `ensureSchedule` does. */
export async function scheduleHousekeeping(to: Scheduling, ledgerRetentionDays: number): Promise<void> {
  const { pipeline } = to;
  const input: HousekeepingInput = { pipeline, retentionDays: ledgerRetentionDays };
  await ensureSchedule(to, housekeepingId(pipeline), {
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow',
      workflowType: workflowTypes.housekeeping,
      workflowId: housekeepingId(pipeline),
      taskQueue: taskQueue(pipeline),
      args: [input],
      staticSummary: 'opens dead letters for vanished workflows, purges the ledgers',
      staticDetails: `- looks every ${everyMs / 60_000} minutes\n- purges hourly what is older than ${ledgerRetentionDays} days`,
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: everyMs },
  });
}
