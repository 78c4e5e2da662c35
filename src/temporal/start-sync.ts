import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { TypedSearchAttributes } from '@temporalio/common';
import type { SyncInput } from './messages.ts';
import { taskQueue } from './names.ts';
import { attributePairs } from './search-attributes.ts';
import { subjectFacts, subjectMarkdown, subjectTitle } from './subject.ts';

/**
 * How a `syncChange` is started: `client.workflow.start(workflowTypes.syncChange, syncStartOptions(input, target))`.
 * The id is the event's. One that runs already is joined; one that failed may run again; one that completed refuses
 * with `WorkflowExecutionAlreadyStartedError`, which means that the event was applied. No run or execution timeout.
 */
export function syncStartOptions(input: SyncInput, target: string) {
  const { eventId, entity, operation, source } = subjectFacts(input.subject);
  return {
    workflowId: eventId,
    taskQueue: taskQueue(input.pipeline),
    args: [input] as [SyncInput],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    typedSearchAttributes: new TypedSearchAttributes(
      attributePairs({
        TandemPipeline: input.pipeline,
        TandemEntity: entity,
        TandemOperation: operation,
        TandemSide: source,
      }),
    ),
    staticSummary: subjectTitle(input.subject, target),
    staticDetails: subjectMarkdown(input.subject).join('\n'),
  };
}
