import { TypedSearchAttributes, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { taskQueue, verifyId } from './names.ts';
import { attributePairs } from './search-attributes.ts';
import { entitiesOf } from './verify-report.ts';
import type { VerifyInput } from './verify.ts';

/** How a `verify` is started; one that runs refuses with `WorkflowExecutionAlreadyStartedError`. */
export function verifyStartOptions(input: VerifyInput) {
  return {
    workflowId: verifyId(input.pipeline),
    taskQueue: taskQueue(input.pipeline),
    args: [input] as [VerifyInput],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    typedSearchAttributes: new TypedSearchAttributes(attributePairs({ TandemPipeline: input.pipeline })),
    ...verifySummary(input),
  };
}

export const verifySummary = ({ parts, repair }: VerifyInput) => ({
  staticSummary: `compares both sides${repair === null ? '' : repair.dryRun ? ', dry run of a repair' : ' and repairs'}`,
  staticDetails: entitiesOf(parts)
    .map(({ entity, side, other }) => `- ${entity} ${side} ↔ ${other}`)
    .join('\n'),
});
