import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Outcome } from '../change/outcome.ts';
import { deadLetterAlert } from '../temporal/alert.ts';
import { decideInstead, leaveConflict, nameOf, refuseDecide } from '../temporal/dead-letter-decisions.ts';
import { deadLetterDetails } from '../temporal/dead-letter-details.ts';
import type { RetryRequest } from '../temporal/edit.ts';
import type { DeadLetterActivities, DeadLetterStatus } from '../temporal/messages.ts';
import type { ConflictInput, RowConflict } from '../temporal/row-conflict.ts';
import { queryNames, signalNames, updateNames } from '../temporal/names.ts';
import { readFailure } from '../temporal/read-failure.ts';
import { attributePairs } from '../temporal/search-attributes.ts';
import { conflictHint } from '../temporal/start-conflict.ts';
import { subjectFacts } from '../temporal/subject.ts';
import { oneTry } from '../temporal/timeouts.ts';
import { decisionRetry, patientRetry } from './decision-retry.ts';
import { tellOperators } from './tell-operators.ts';

const { publishDeadLetter, publishResolution } = proxyActivities<DeadLetterActivities>({
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
const decideUpdate = defineUpdate<DeadLetterStatus, [string, string?]>(updateNames.decide);
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
  const { pipeline } = input;
  const { eventId, entity, source } = subjectFacts(input.subject);
  let conflict = input.subject;
  const status: DeadLetterStatus = {
    eventId,
    pipeline,
    entity,
    source,
    state: 'open',
    failure: input.failure,
    hint: conflictHint,
    retries: 0,
    openedAt: input.openedAt ?? now(),
    by: null,
    discardReason: null,
    outcome: null,
  };
  let published = input.openedAt !== undefined;
  let deciding = false;
  let taken: string | null = null;
  const reported = (): DeadLetterStatus => ({ ...status, conflict });
  const settled = () => status.state === 'resolved';
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
    async (take, by) => {
      deciding = true;
      status.by = nameOf(by);
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
        if (sameVersions(conflict, shown)) {
          taken = take;
          Object.assign(status, { state: 'resolved', outcome: decision.outcome });
        }
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
      validator: (take, _by?) => refuseDecide(conflict, status.state, deciding, take),
    },
  );
  show();

  for (;;) {
    const { failure, openedAt } = status;
    if (!published) {
      const told = tellOperators(deadLetterAlert(pipeline, conflict, failure, conflictHint));
      await publishDeadLetter({ pipeline, subject: conflict, failure });
      await told;
      published = true;
    }
    await condition(() => allHandlersFinished() && (settled() || workflowInfo().continueAsNewSuggested));
    if (settled()) {
      if (!patched('resolution')) break;
      const { outcome, by } = status;
      const { failedAt } = failure;
      await publishResolution({
        pipeline,
        resolution: { eventId, entity, how: 'decided', outcome, reason: taken, by, at: now(), failedAt },
      });
      if (settled()) break;
      // Changed since: what the topic tells as closed is told as another.
      status.failure = { ...failure, failedAt: now() };
      published = false;
      continue;
    }
    await continueAsNew<(next: ConflictInput) => Promise<DeadLetterStatus>>({
      pipeline,
      subject: conflict,
      failure,
      openedAt,
    });
  }
  upsertSearchAttributes(attributePairs({ TandemOutcome: status.outcome }));
  return reported();
}

const now = () => new Date().toISOString();

const sameVersions = (a: RowConflict, b: RowConflict): boolean =>
  a.versions.every(({ clock }, index) => clock === b.versions[index]!.clock);
