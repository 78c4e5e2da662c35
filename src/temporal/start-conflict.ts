import { TypedSearchAttributes, WorkflowIdReusePolicy } from '@temporalio/common';
import type { Failure } from './failures.ts';
import type { ConflictInput, RowConflict } from './row-conflict.ts';
import { deadLetterId, signalNames, taskQueue } from './names.ts';
import { attributePairs } from './search-attributes.ts';
import { sidesOf, subjectFacts, subjectMarkdown, subjectTitle } from './subject.ts';

export const conflictHint =
  'Each side keeps its own version until somebody chooses. The version that is not taken is recorded: `tandem conflicts list`. Runbook: docs/runbook.md#manual-conflict';

/** A conflict as the failure of its dead letter: no try failed, and no row value is in it. */
export const conflictFailure = (subject: RowConflict): Failure => ({
  errorClass: 'constraint',
  message: `${sidesOf(subject).join(' and ')} both changed the row, neither with the other's change in sight`,
  stack: '',
  signature: `conflict/${subject.entity}`,
  retryCount: 0,
  failedAt: new Date().toISOString(),
});

/**
 * How the dead letter of a row pair is raised: `client.workflow.signalWithStart(workflowTypes.deadLetter, …)`. One that
 * is open takes the versions as they stand now.
 */
export function conflictStartOptions(input: ConflictInput) {
  const { pipeline, subject, failure } = input;
  const { eventId, entity, source } = subjectFacts(subject);
  return {
    workflowId: deadLetterId(eventId),
    taskQueue: taskQueue(pipeline),
    args: [input] as [ConflictInput],
    signal: signalNames.conflict,
    signalArgs: [subject] as [RowConflict],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    typedSearchAttributes: new TypedSearchAttributes(
      attributePairs({
        TandemPipeline: pipeline,
        TandemEntity: entity,
        TandemSide: source,
        TandemErrorClass: failure.errorClass,
        TandemErrorSignature: failure.signature,
      }),
    ),
    staticSummary: subjectTitle(subject, null),
    staticDetails: subjectMarkdown(subject).join('\n'),
  };
}
