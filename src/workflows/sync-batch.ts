import {
  CancellationScope,
  proxyActivities,
  setCurrentDetails,
  setWorkflowOptions,
} from '@temporalio/workflow';
import { batchDetails } from '../temporal/batch-details.ts';
import type { BatchActivities, BatchInput, BatchResult } from '../temporal/batch.ts';
import { oneTry } from '../temporal/timeouts.ts';
import { pinned } from './pinned.ts';

/** What the databases refuse for a while is tried on without limit; anything else is for the events' own workflows. */
const { applyBatch } = proxyActivities<BatchActivities>({
  ...oneTry,
  retry: {
    initialInterval: '200ms',
    maximumInterval: '10s',
    nonRetryableErrorTypes: ['schema', 'waiting_for_row', 'constraint', 'data', 'bug'],
  },
  summary: 'apply the events together',
});

const { startEvents } = proxyActivities<BatchActivities>({
  ...oneTry,
  retry: { initialInterval: '500ms', maximumInterval: '10s' },
  summary: 'start what failed by itself',
});

/**
 * Brings many change events into the target, set-based. What cannot be applied with the others leaves the batch and becomes
 * a `syncChange` of its own, with retries, waiting and dead letter; so does everything where the batch as a whole fails or is
 * cancelled. It ends when every event has its outcome or a workflow.
 */
export async function syncBatch(input: BatchInput): Promise<BatchResult> {
  const result = await applied(input);
  setCurrentDetails(batchDetails(result));
  if (result?.left.length === 0) return result;
  const only = result?.left ?? null;
  const left = await CancellationScope.nonCancellable(() => startEvents({ ...input, only }));
  return { outcomes: result?.outcomes ?? {}, left };
}

setWorkflowOptions(pinned, syncBatch);

/** Null where the batch failed as a whole. */
async function applied(input: BatchInput): Promise<BatchResult | null> {
  try {
    return await applyBatch(input);
  } catch {
    return null;
  }
}
