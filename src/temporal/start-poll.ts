import { TypedSearchAttributes, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { pollId, taskQueue } from './names.ts';
import type { PollInput } from './polling.ts';
import { attributePairs } from './search-attributes.ts';

/** How a `poll` is started; one that runs is left as it is. */
export const pollStartOptions = (input: PollInput) => ({
  workflowId: pollId(input.pipeline, input.side),
  taskQueue: taskQueue(input.pipeline),
  args: [input] as [PollInput],
  workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
  workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
  typedSearchAttributes: new TypedSearchAttributes(
    attributePairs({ TandemPipeline: input.pipeline, TandemSide: input.side }),
  ),
  staticSummary: `looks at the tables of ${input.side} again and again`,
  staticDetails: 'Its log cannot be read. What changed is found by time, what was deleted by comparing keys.',
});
