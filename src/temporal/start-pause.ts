import { TypedSearchAttributes, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { isErrorClass } from '../errors/error-class.ts';
import { taskQueue } from './names.ts';
import { pauseId, scopeName } from './pause.ts';
import type { PauseInput } from './pause.ts';
import { attributePairs } from './search-attributes.ts';

/** What visibility keeps of a pause beside its search attributes. */
export type PauseMemo = Pick<PauseInput, 'scope' | 'reason' | 'text' | 'epoch'>;

/**
 * How a pause is started: `client.workflow.start(workflowTypes.pause, pauseStartOptions(input))`. One that is open for
 * the same cause is joined. A restart of a log that was dealt with stays so: its id refuses another with
 * `WorkflowExecutionAlreadyStartedError`, since records of that epoch may come for as long as the topic keeps them.
 */
export function pauseStartOptions(input: PauseInput) {
  const { pipeline, scope, reason, text, signature, epoch } = input;
  const errorClass = signature?.split('/')[0];
  return {
    workflowId: pauseId(input),
    taskQueue: taskQueue(pipeline),
    args: [input] as [PauseInput],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    workflowIdReusePolicy:
      reason === 'log_restarted'
        ? WorkflowIdReusePolicy.REJECT_DUPLICATE
        : WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    memo: { scope, reason, text, epoch } satisfies PauseMemo,
    typedSearchAttributes: new TypedSearchAttributes(
      attributePairs({
        TandemPipeline: pipeline,
        TandemEntity: scope.kind === 'entity' ? scope.entity : null,
        TandemSide: scope.kind === 'side' ? scope.side : null,
        TandemErrorClass: isErrorClass(errorClass) ? errorClass : null,
        TandemErrorSignature: signature,
      }),
    ),
    staticSummary: `${scopeName(pipeline, scope)} is paused: ${reason}`,
    staticDetails: text.slice(0, 1000),
  };
}
