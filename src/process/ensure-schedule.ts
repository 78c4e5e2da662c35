import { ScheduleAlreadyRunning } from '@temporalio/client';
import type { Client, ScheduleOptions } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import pRetry from 'p-retry';
import type { Logger } from 'pino';

export interface Scheduling {
  client: Client;
  pipeline: string;
  log: Logger;
  /** Ends the wait for Temporal. */
  signal: AbortSignal;
}

/** Makes a schedule, or brings it up to date; one that was paused stays paused. Waits for Temporal. */
export async function ensureSchedule(
  to: Scheduling,
  scheduleId: string,
  wanted: Omit<ScheduleOptions, 'scheduleId' | 'memo' | 'state'>,
): Promise<void> {
  const { schedule } = to.client;
  await untilTaken(to, scheduleId, async () => {
    try {
      await schedule.create({ scheduleId, ...wanted });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      await schedule.getHandle(scheduleId).update((before) => ({ ...before, ...wanted }));
    }
  });
}

/** Asks something of Temporal about schedules until it is done. Throws where a key is missing that theirs are encrypted with. */
export async function untilTaken(
  { pipeline, log, signal }: Scheduling,
  schedule: string,
  act: () => Promise<void>,
): Promise<void> {
  await pRetry(act, {
    retries: Infinity,
    minTimeout: 500,
    maxTimeout: 5000,
    signal,
    shouldRetry: ({ error }) => !(error instanceof ApplicationFailure),
    onFailedAttempt: ({ error }) =>
      log.warn({ pipeline, schedule, error: error.message }, 'Temporal does not take the schedule yet'),
  });
}
