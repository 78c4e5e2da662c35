import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
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
import { policyFor } from '../errors/policy.ts';
import { deadLetterAlert } from '../temporal/alert.ts';
import { deadLetterDetails } from '../temporal/dead-letter-details.ts';
import { nameOf, refuseDiscard, refuseEdit, refuseRetry } from '../temporal/dead-letter-decisions.ts';
import type { Edit, RetryRequest } from '../temporal/edit.ts';
import type { Failure } from '../temporal/failures.ts';
import type { SeenRow } from '../temporal/dead-row.ts';
import type { DeadLetterActivities, DeadLetterInput, DeadLetterStatus } from '../temporal/messages.ts';
import type { ConflictInput } from '../temporal/row-conflict.ts';
import { queryNames, signalNames, updateNames } from '../temporal/names.ts';
import { readFailure } from '../temporal/read-failure.ts';
import type { Resolution } from '../temporal/resolution.ts';
import { attributePairs } from '../temporal/search-attributes.ts';
import { subjectFacts } from '../temporal/subject.ts';
import { oneTry } from '../temporal/timeouts.ts';
import { decisionRetry, patientRetry } from './decision-retry.ts';
import { holdConflict } from './row-conflict.ts';
import { RowLook } from './row-look.ts';
import { tellOperators } from './tell-operators.ts';

const { publishDeadLetter, publishResolution } = proxyActivities<DeadLetterActivities>({
  ...oneTry,
  retry: patientRetry,
  summary: 'publish to the dead-letter topic',
});

const decisionOf = (summary: string) =>
  proxyActivities<DeadLetterActivities>({ ...oneTry, retry: decisionRetry, summary });

const { retryDeadLetter } = decisionOf('start the event again');
const { discardEvent } = decisionOf('note in the ledger that it is given up');

const failedSignal = defineSignal<[Failure]>(signalNames.failed);
const resolvedSignal = defineSignal<[Outcome]>(signalNames.resolved);
const retryUpdate = defineUpdate<DeadLetterStatus, [RetryRequest]>(updateNames.retry);
const editUpdate = defineUpdate<DeadLetterStatus, [Edit]>(updateNames.edit);
const discardUpdate = defineUpdate<DeadLetterStatus, [string, string?]>(updateNames.discard);
const lookUpdate = defineUpdate<SeenRow | null>(updateNames.look);
const rowQuery = defineQuery<SeenRow | null>(queryNames.row);
const statusQuery = defineQuery<DeadLetterStatus>(queryNames.status);
const outcomeQuery = defineQuery<Outcome | null>(queryNames.outcome);

/**
 * Holds one dead event open until it is applied or an operator discards it (of a conflict: chooses, see `holdConflict`);
 * publishes it, and again each time it dies.
 * Cancelling does not close it, only a decision does. `retry` stays allowed while a retry runs, since that one may have
 * been terminated and would never report. What `edit` corrected stays corrected in every later retry.
 */
export function deadLetter(input: DeadLetterInput | ConflictInput): Promise<DeadLetterStatus> {
  return CancellationScope.nonCancellable(() =>
    input.subject.kind === 'conflict'
      ? holdConflict(input as ConflictInput)
      : holdOpen(input as DeadLetterInput),
  );
}

async function holdOpen(input: DeadLetterInput): Promise<DeadLetterStatus> {
  const { pipeline, subject, limits, continued } = input;
  const { eventId, entity, source } = subjectFacts(subject);
  const status: DeadLetterStatus = {
    eventId,
    pipeline,
    entity,
    source,
    state: continued?.state ?? 'open',
    failure: input.failure,
    hint: policyFor(input.failure.errorClass).hint,
    retries: continued?.retries ?? 0,
    openedAt: continued?.openedAt ?? now(),
    by: continued?.by ?? null,
    discardReason: null,
    outcome: null,
    ...(continued?.edits && { edits: continued.edits, corrected: continued.corrected }),
  };
  const toPublish: Failure[] = continued ? [] : [input.failure];
  let deciding = false;
  const rows: RowLook = new RowLook(input, () => show());
  const show = () => setCurrentDetails(deadLetterDetails(subject, status, rows.seen));
  const look = () => rows.again(status.corrected);
  const closed = () => status.state === 'resolved' || status.state === 'discarded';
  const close = (outcome: Outcome | null, state: 'resolved' | 'discarded') => {
    status.state = state;
    status.outcome = outcome;
    show();
  };

  const decided = async (by: unknown, decision: () => Promise<void>) => {
    deciding = true;
    status.by = nameOf(by);
    try {
      await decision();
    } catch (error) {
      const { failure } = readFailure(error);
      throw ApplicationFailure.nonRetryable(failure.message, failure.errorClass);
    } finally {
      deciding = false;
      show();
    }
    return reported(status);
  };

  setHandler(statusQuery, () => reported(status));
  setHandler(outcomeQuery, () => status.outcome);
  setHandler(rowQuery, () => rows.seen);
  setHandler(lookUpdate, look, { description: 'Reads both rows anew' });
  setHandler(failedSignal, (failure) => {
    const known =
      failure.failedAt === status.failure.failedAt && failure.signature === status.failure.signature;
    if (known || closed()) return;
    status.state = 'open';
    status.failure = failure;
    status.hint = policyFor(failure.errorClass).hint;
    toPublish.push(failure);
    upsertSearchAttributes(
      attributePairs({ TandemErrorClass: failure.errorClass, TandemErrorSignature: failure.signature }),
    );
    show();
  });
  setHandler(resolvedSignal, (outcome) => {
    if (!closed()) close(outcome, 'resolved');
  });
  const run = async (how: Pick<RetryInput, 'corrected' | 'again' | 'reread'>) => {
    // Before the start: the run may report its end sooner than the start reports back.
    const before = status.state;
    const failedAt = status.failure.failedAt;
    status.state = 'retrying';
    status.retries++;
    show();
    try {
      const result = await retryDeadLetter({ pipeline, subject, limits, ...how });
      if (result.finished && !closed()) close(result.outcome, 'resolved');
    } catch (error) {
      if (!closed() && status.failure.failedAt === failedAt) status.state = before;
      throw error;
    }
  };
  setHandler(
    retryUpdate,
    ({ reread, by } = {}) =>
      decided(by, () => {
        const { corrected } = status;
        return run(reread ? { reread } : corrected ? { corrected, again: true } : {});
      }),
    {
      description: 'Applies the event again; with {"reread": true} its source row as it is now',
      validator: (request) => refuseRetry(status.state, deciding, request, subject),
    },
  );
  setHandler(
    editUpdate,
    ({ columns, by = 'unknown' }) =>
      decided(by, async () => {
        const corrected = { ...status.corrected, ...columns };
        await run({ corrected });
        status.corrected = corrected;
        status.edits = [...(status.edits ?? []), { by, at: now(), columns: Object.keys(columns) }];
      }),
    {
      description: 'Corrects values and applies the event: {"columns": {"COLUMN": "VALUE"}}',
      validator: (edit) => refuseEdit(status.state, deciding, subject, edit),
    },
  );
  setHandler(
    discardUpdate,
    (reason, by) =>
      decided(by, async () => {
        const outcome = await discardEvent({ pipeline, subject });
        if (closed()) return;
        if (outcome !== 'discarded') return close(outcome, 'resolved');
        status.discardReason = reason;
        close('discarded', 'discarded');
      }),
    {
      description: 'Gives the change up for good: a text that says why it may be lost',
      validator: (reason, _by?) => refuseDiscard(status.state, deciding, reason),
    },
  );
  show();
  if (continued && patched(looksAtRow)) void look();

  for (;;) {
    await condition(() => toPublish.length > 0 || closed() || mustContinue());
    const failure = toPublish.shift();
    if (failure) {
      if (patched(looksAtRow)) void look();
      const told = tellOperators(
        deadLetterAlert(pipeline, subject, failure, policyFor(failure.errorClass).hint),
      );
      await publishDeadLetter({ pipeline, subject, failure, limits });
      await told;
    } else if (closed()) break;
    else {
      const { state, retries, openedAt, by, edits, corrected } = status;
      await continueAsNew<typeof deadLetter>({
        pipeline,
        subject,
        limits,
        failure: status.failure,
        continued: { state, retries, openedAt, by, ...(edits && { edits, corrected }) },
      });
    }
  }
  await condition(allHandlersFinished);
  upsertSearchAttributes(attributePairs({ TandemOutcome: status.outcome }));
  if (patched('resolution')) await publishResolution({ pipeline, resolution: resolutionOf(status) });
  return reported(status);
}

/** What an earlier build left open looks at no row until it fails again. */
const looksAtRow = 'looks-at-row';

type RetryInput = Parameters<DeadLetterActivities['retryDeadLetter']>[0];

const resolutionOf = ({
  eventId,
  entity,
  state,
  edits,
  outcome,
  discardReason: reason,
  by,
  failure: { failedAt },
}: DeadLetterStatus): Resolution => ({
  eventId,
  entity,
  how: state === 'discarded' ? 'discarded' : edits ? 'edited' : 'applied',
  outcome,
  reason,
  by,
  at: now(),
  failedAt,
});

/** Many retries of a large row would outgrow the limits of one history. */
const mustContinue = () => workflowInfo().continueAsNewSuggested && allHandlersFinished();

/** A status query's answer stays small enough to be read in the Web UI; the dead-letter topic has the whole stack. */
const reported = (status: DeadLetterStatus): DeadLetterStatus => ({
  ...status,
  failure: { ...status.failure, stack: status.failure.stack.split('\n').slice(0, 4).join('\n') },
});

const now = () => new Date().toISOString();
