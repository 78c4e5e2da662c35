import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Outcome } from '../change/outcome.ts';
import { decideInstead, leaveConflict, refuseDecide } from '../temporal/dead-letter-decisions.ts';
import { deadLetterDetails } from '../temporal/dead-letter-details.ts';
import type { RetryRequest } from '../temporal/edit.ts';
import type { DeadLetterActivities, DeadLetterStatus } from '../temporal/messages.ts';
import type { ConflictInput, RowConflict } from '../temporal/row-conflict.ts';
import { queryNames, signalNames, updateNames } from '../temporal/names.ts';
import { readFailure } from '../temporal/read-failure.ts';
import { attributePairs } from '../temporal/search-attributes.ts';
import { conflictHint } from '../temporal/start-conflict.ts';
import { subjectFacts } from '../temporal/subject.ts';
import { decisionRetry, patientRetry } from './decision-retry.ts';
import { oneTry } from '../temporal/timeouts.ts';

const { publishDeadLetter } = proxyActivities<DeadLetterActivities>({
  ...oneTry,
  retry: patientRetry,
  summary: 'publish to the dead-letter topic',
});

const { decideConflict } = proxyActivities<DeadLetterActivities>({
  ...oneTry,
  retry: decisionRetry,
  summary: 'bring the version that was chosen',
});

const conflictSignal = defineSignal<[RowConflict]>(signalNames.conflict);
const decideUpdate = defineUpdate<DeadLetterStatus, [string]>(updateNames.decide);
const retryUpdate = defineUpdate<DeadLetterStatus, [RetryRequest]>(updateNames.retry);
const discardUpdate = defineUpdate<DeadLetterStatus>(updateNames.discard);
const editUpdate = defineUpdate<DeadLetterStatus>(updateNames.edit);
const statusQuery = defineQuery<DeadLetterStatus>(queryNames.status);
const outcomeQuery = defineQuery<Outcome | null>(queryNames.outcome);

/**
 * Holds a conflict of policy `manual` open until an operator chooses a side: one for each row pair, which later edits of
 * the row join. A choice is carried out only while both rows are what was shown.
 */
export async function holdConflict(input: ConflictInput): Promise<DeadLetterStatus> {
  const { pipeline, failure } = input;
  const { eventId, entity, source } = subjectFacts(input.subject);
  let conflict = input.subject;
  const status: DeadLetterStatus = {
    eventId,
    pipeline,
    entity,
    source,
    state: 'open',
    failure,
    hint: conflictHint,
    retries: 0,
    openedAt: input.openedAt ?? new Date().toISOString(),
    discardReason: null,
    outcome: null,
  };
  let published = input.openedAt !== undefined;
  let deciding = false;
  const reported = (): DeadLetterStatus => ({ ...status, conflict });
  const show = () => setCurrentDetails(deadLetterDetails(conflict, reported()));

  setHandler(statusQuery, reported);
  setHandler(outcomeQuery, () => status.outcome);
  // Also after a decision that has not ended the run yet: what was changed since is a conflict anew.
  setHandler(conflictSignal, (next) => {
    if (sameVersions(conflict, next)) return;
    conflict = next;
    Object.assign(status, { state: 'open', outcome: null } satisfies Partial<DeadLetterStatus>);
    show();
  });
  const refuse = (): never => {
    throw new Error(decideInstead(conflict));
  };
  const refuseRetry = (request?: RetryRequest): never =>
    request?.onlyOpen ? leaveConflict(conflict) : refuse();
  setHandler(retryUpdate, refuseRetry, { validator: refuseRetry });
  setHandler(discardUpdate, refuse, { validator: refuse });
  setHandler(editUpdate, refuse, { validator: refuse });
  setHandler(
    decideUpdate,
    async (take) => {
      deciding = true;
      const shown = conflict;
      try {
        const decision = await decideConflict({ pipeline, subject: shown, take });
        if (decision.state === 'changed') {
          conflict = decision.subject;
          throw ApplicationFailure.nonRetryable(
            'a row was changed since it was shown: look at it again',
            'data',
          );
        }
        if (sameVersions(conflict, shown))
          Object.assign(status, { state: 'resolved', outcome: decision.outcome });
        return reported();
      } catch (error) {
        if (error instanceof ApplicationFailure) throw error;
        const { failure: why } = readFailure(error);
        throw ApplicationFailure.nonRetryable(why.message, why.errorClass);
      } finally {
        deciding = false;
        show();
      }
    },
    {
      description: 'Chooses the side whose version stands: its name as text',
      validator: (take) => refuseDecide(conflict, status.state, deciding, take),
    },
  );
  show();

  for (;;) {
    if (!published) {
      await publishDeadLetter({ pipeline, subject: conflict, failure });
      published = true;
    }
    await condition(
      () => allHandlersFinished() && (status.state === 'resolved' || workflowInfo().continueAsNewSuggested),
    );
    if (status.state === 'resolved') break;
    await continueAsNew<(next: ConflictInput) => Promise<DeadLetterStatus>>({
      pipeline,
      subject: conflict,
      failure,
      openedAt: status.openedAt,
    });
  }
  upsertSearchAttributes(attributePairs({ TandemOutcome: status.outcome }));
  return reported();
}

const sameVersions = (a: RowConflict, b: RowConflict): boolean =>
  a.versions.every(({ clock }, index) => clock === b.versions[index]!.clock);
