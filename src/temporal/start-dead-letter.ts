import { TypedSearchAttributes, WorkflowIdReusePolicy } from '@temporalio/common';
import type { Failure } from './failures.ts';
import type { DeadLetterInput } from './messages.ts';
import { deadLetterId, signalNames, taskQueue } from './names.ts';
import { attributePairs } from './search-attributes.ts';
import { subjectFacts, subjectMarkdown, subjectTitle } from './subject.ts';

/**
 * How a dead letter is raised: `client.workflow.signalWithStart(workflowTypes.deadLetter, deadLetterStartOptions(input))`.
 * One that is open takes the failure; the same failure twice counts once. A record that could not be parsed has no
 * ledger to keep the decision, so its closed dead letter does: raising it again throws `WorkflowExecutionAlreadyStartedError`,
 * which means that somebody decided already.
 */
export function deadLetterStartOptions(input: DeadLetterInput) {
  const { eventId, entity, operation, source } = subjectFacts(input.subject);
  return {
    workflowId: deadLetterId(eventId),
    taskQueue: taskQueue(input.pipeline),
    args: [input] as [DeadLetterInput],
    signal: signalNames.failed,
    signalArgs: [input.failure] as [Failure],
    workflowIdReusePolicy:
      input.subject.kind === 'record'
        ? WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
        : WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    typedSearchAttributes: new TypedSearchAttributes(
      attributePairs({
        TandemPipeline: input.pipeline,
        TandemEntity: entity,
        TandemOperation: operation,
        TandemSide: source,
        TandemErrorClass: input.failure.errorClass,
        TandemErrorSignature: input.failure.signature,
      }),
    ),
    staticSummary: subjectTitle(input.subject, null),
    staticDetails: subjectMarkdown(input.subject).join('\n'),
  };
}
