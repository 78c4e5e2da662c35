import { TypedSearchAttributes, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { ChangeEvent } from '../change/event.ts';
import type { BatchInput } from './batch.ts';
import { batchId, taskQueue } from './names.ts';
import { attributePairs } from './search-attributes.ts';

/**
 * How a `syncBatch` of these events is started; `hash` is of their ids, so that one batch is one workflow at a time. It may run again:
 * the ledger tells what it has applied.
 */
export function batchStartOptions(
  input: BatchInput,
  events: readonly ChangeEvent[],
  target: string,
  hash: string,
) {
  const [first] = events;
  if (!first) throw new Error('a batch has at least one event');
  const { entity_type: entity, source } = first;
  return {
    workflowId: batchId(first.event_id, hash),
    taskQueue: taskQueue(input.pipeline),
    args: [input] as [BatchInput],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    typedSearchAttributes: new TypedSearchAttributes(
      attributePairs({ TandemPipeline: input.pipeline, TandemEntity: entity, TandemSide: source }),
    ),
    staticSummary: `${events.length} changes of ${entity} ${source} → ${target}`,
    staticDetails: `- first event: \`${first.event_id}\`\n- committed: ${first.timestamp}`,
  };
}
