import { TypedSearchAttributes, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { BackfillInput } from './backfill.ts';
import { backfillId, taskQueue } from './names.ts';
import { attributePairs } from './search-attributes.ts';

/** How a `backfill` is started; one that runs refuses with `WorkflowExecutionAlreadyStartedError`. */
export function backfillStartOptions(input: BackfillInput) {
  const steps = input.steps.map(({ entity, from, to }) => `${entity} ${from} → ${to}`);
  return {
    workflowId: backfillId(input.pipeline),
    taskQueue: taskQueue(input.pipeline),
    args: [input] as [BackfillInput],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    typedSearchAttributes: new TypedSearchAttributes(attributePairs({ TandemPipeline: input.pipeline })),
    staticSummary: `${input.dryRun ? 'counts' : 'brings'} the rows of ${steps.length} entities and ways`,
    staticDetails: steps.map((step) => `- ${step}`).join('\n'),
  };
}
