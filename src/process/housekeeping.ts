import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import type { HousekeepingInput } from '../temporal/housekeeping.ts';
import { housekeepingId, taskQueue, workflowTypes } from '../temporal/names.ts';

/** One run at a time; one that takes longer lets the next ones pass. */
const everyMs = 5 * 60_000;

function schedule(pipeline: string, ledgerRetentionDays: number) {
  const input: HousekeepingInput = { pipeline, retentionDays: ledgerRetentionDays };
  return {
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: workflowTypes.housekeeping,
      workflowId: housekeepingId(pipeline),
      taskQueue: taskQueue(pipeline),
      args: [input],
      staticSummary: 'opens dead letters for vanished workflows, purges the ledgers',
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: everyMs },
  };
}

/** Makes the pipeline's schedule, or brings it up to date; one that was paused stays paused. Waits for Temporal. */
export async function scheduleHousekeeping(
  client: Client,
  pipeline: string,
  ledgerRetentionDays: number,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const wanted = schedule(pipeline, ledgerRetentionDays);
  const ensure = async () => {
    const scheduleId = housekeepingId(pipeline);
    try {
      await client.schedule.create({ scheduleId, ...wanted });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await client.schedule.getHandle(scheduleId).update((before) => ({ ...before, ...wanted }));
    }
  };
  await pRetry(ensure, {
    retries: Infinity,
    minTimeout: 500,
    maxTimeout: 5000,
    signal,
    onFailedAttempt: ({ error }) =>
      log.warn({ pipeline, error: error.message }, 'Temporal does not take the housekeeping schedule yet'),
  });
}
