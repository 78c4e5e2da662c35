import { ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { taskQueue, verifyId, workflowTypes } from '../temporal/names.ts';
import { attributePairs } from '../temporal/search-attributes.ts';
import { verifySummary } from '../temporal/start-verify.ts';
import { defaultSettleMs } from '../temporal/verify.ts';
import type { VerifyInput } from '../temporal/verify.ts';
import { ensureSchedule, untilTaken } from './ensure-schedule.ts';
import type { Scheduling } from './ensure-schedule.ts';
import { verifyParts } from './verify-parts.ts';

/** Sees to the schedule of a pipeline's comparison, or (0 hours) to there being none, as `ensureSchedule` does. It only reads. */
export async function scheduleVerify(
  to: Scheduling,
  pipeline: CompiledPipeline,
  hours: number,
): Promise<void> {
  const scheduleId = verifyId(pipeline.name);
  if (hours === 0) {
    await untilTaken(to, scheduleId, () =>
      to.client.schedule.getHandle(scheduleId).delete().catch(unlessGone),
    );
    return;
  }
  const everyMs = hours * 3_600_000;
  const input: VerifyInput = {
    pipeline: pipeline.name,
    parts: verifyParts(pipeline),
    since: null,
    sample: null,
    rowsPerSecond: null,
    repair: null,
    settleMs: defaultSettleMs,
  };
  await ensureSchedule(to, scheduleId, {
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow',
      workflowType: workflowTypes.verify,
      workflowId: verifyId(pipeline.name),
      taskQueue: taskQueue(pipeline.name),
      args: [input],
      typedSearchAttributes: new TypedSearchAttributes(attributePairs({ TandemPipeline: pipeline.name })),
      ...verifySummary(input),
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: everyMs },
  });
}

function unlessGone(error: unknown): void {
  if (!(error instanceof ScheduleNotFoundError)) throw error;
}
