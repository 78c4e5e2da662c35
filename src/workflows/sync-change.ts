import {
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  ContinueAsNew,
  defineQuery,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ApplyResult, Outcome } from '../change/outcome.ts';
import { policyFor } from '../errors/policy.ts';
import type { Failure, TryFailure } from '../temporal/failures.ts';
import type {
  DeadLetterActivities,
  Held,
  SyncActivities,
  SyncInput,
  SyncStatus,
  SyncStep,
  UpsertResult,
} from '../temporal/messages.ts';
import { deadLetterId, queryNames, signalNames } from '../temporal/names.ts';
import type { PauseActivities } from '../temporal/pause.ts';
import { readFailure } from '../temporal/read-failure.ts';
import { attributePairs } from '../temporal/search-attributes.ts';
import { subjectFacts } from '../temporal/subject.ts';
import { localTryTimeout, oneTry } from '../temporal/timeouts.ts';
import { GaveUp, Persistence } from './persistence.ts';
import { pinned } from './pinned.ts';
import { Wake } from './waiting-room.ts';

const fast = proxyLocalActivities<SyncActivities>({
  startToCloseTimeout: localTryTimeout,
  retry: { maximumAttempts: 1 },
});

const { raiseDeadLetter } = proxyActivities<DeadLetterActivities>({
  ...oneTry,
  retry: { initialInterval: '500ms', maximumInterval: '10s' },
  summary: 'raise the dead letter',
});

/** Whether a pause is over is looked up again and again; at most so far apart does a held event go on after it. */
const { awaitResume } = proxyActivities<PauseActivities>({
  ...oneTry,
  retry: { initialInterval: '1s', maximumInterval: '20s', backoffCoefficient: 1.5 },
  summary: 'wait for the end of the pause',
});

const statusQuery = defineQuery<SyncStatus>(queryNames.status);
const outcomeQuery = defineQuery<Outcome | null>(queryNames.outcome);

/**
 * Brings one change event into the target, or ends in a dead letter; nothing else ends it but a termination.
 *
 * What is fine takes one workflow task: the three verbs run in one local activity, one try, not counted, and leave 7
 * events in history: 2.5 kB for an event of 0.6 kB. After the first error the event goes on from the verb that failed with regular
 * activities, one for each verb, under the policy of the error's class (see `Persistence`), so that what is in trouble shows in the Web UI.
 * Cancellation and errors nobody foresaw become dead letters too. A dead event ends Failed, with its class as type.
 */
export async function syncChange(input: SyncInput): Promise<ApplyResult> {
  const { eventId, entity, operation, source } = subjectFacts(input.subject);
  const status: SyncStatus = {
    eventId,
    pipeline: input.pipeline,
    entity: entity ?? '',
    operation,
    source,
    step: 'transformChange',
    trouble: null,
    result: null,
  };
  setHandler(statusQuery, () => status);
  setHandler(outcomeQuery, () => status.result?.outcome ?? null);

  const result = await untilOutcome(input, status);
  status.step = 'done';
  status.trouble = null;
  status.result = result;
  upsertSearchAttributes(attributePairs({ TandemOutcome: result.outcome }));
  if (input.retried) await tellDeadLetter(eventId, result.outcome);
  return result;
}

setWorkflowOptions(pinned, syncChange);

/** An event that is held instead of dead-lettered is tried anew when the pause is over, with fresh counts. */
async function untilOutcome(input: SyncInput, status: SyncStatus): Promise<ApplyResult> {
  const wake = new Wake();
  for (let of = input; ; of = withoutProgress(of)) {
    const persistence = new Persistence(of, wake, (step, trouble) => show(status, step, trouble));
    try {
      return await applyEvent(of, status, persistence);
    } catch (error) {
      if (error instanceof ContinueAsNew) throw error;
      const applied = status.step === 'runEffects';
      const raise = (why: unknown, holdable: boolean) =>
        giveUp(of, status, failureOf(why, status, persistence), { applied, holdable });
      let end = await raise(error, error instanceof GaveUp && !input.retried);
      if ('held' in end) {
        const broken = await untilResumed(of, status, end.held);
        if (broken) end = await raise(broken.error, false);
      }
      if (!('held' in end)) return end;
    }
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof syncChange>(withoutProgress(input));
    status.step = 'transformChange';
  }
}

const withoutProgress = ({ pipeline, subject, limits, retried }: SyncInput): SyncInput => ({
  pipeline,
  subject,
  limits,
  retried,
});

/** Returns what ended the wait too early, if anything did. */
async function untilResumed(
  { pipeline, subject }: SyncInput,
  status: SyncStatus,
  pause: string,
): Promise<{ error: unknown } | null> {
  status.step = 'held';
  setCurrentDetails(`**held** while \`${pause}\` is open\n\n${status.trouble?.message ?? ''}`);
  try {
    await awaitResume({ pipeline, subject, pause });
    setCurrentDetails('');
    return null;
  } catch (error) {
    return { error };
  }
}

async function applyEvent(
  { pipeline, subject, progress }: SyncInput,
  status: SyncStatus,
  persistence: Persistence,
): Promise<ApplyResult> {
  if (progress) return persistence.resume(progress);
  let applied: UpsertResult | undefined;
  try {
    applied = await fast.applyChange({ pipeline, subject });
    if (!applied.effects) return applied;
    status.step = 'runEffects';
    await fast.runEffects({ pipeline, subject, result: applied });
    return applied;
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { failure, step } = readFailure(error);
    return persistence.begin(step ?? (status.step as SyncStep), failure, applied);
  }
}

/** Says in the places operators look at what the event is in; `trouble` null: it got over it. */
function show(status: SyncStatus, step: SyncStep, trouble: { failure: TryFailure; since: string } | null) {
  status.step = step;
  if (trouble === null) {
    if (status.trouble) setCurrentDetails('');
    status.trouble = null;
    return;
  }
  const { errorClass, message, signature } = trouble.failure;
  const { hint } = policyFor(errorClass);
  status.trouble = { errorClass, message, hint, since: trouble.since };
  upsertSearchAttributes(attributePairs({ TandemErrorClass: errorClass, TandemErrorSignature: signature }));
  setCurrentDetails(`**${errorClass}** in ${step} since ${trouble.since}\n\n${message}\n\n${hint}`);
}

function failureOf(error: unknown, status: SyncStatus, persistence: Persistence): Failure {
  const retryCount = persistence.retryCount;
  const failedAt = new Date().toISOString();
  if (error instanceof GaveUp) return { ...error.failure, retryCount, failedAt };
  if (!isCancellation(error)) return { ...readFailure(error).failure, retryCount, failedAt };
  const errorClass = status.trouble?.errorClass ?? 'bug';
  const message = status.trouble
    ? `cancelled while in trouble: ${status.trouble.message}`
    : 'cancelled before it was applied';
  return { errorClass, message, stack: '', signature: `${errorClass}/cancelled`, retryCount, failedAt };
}

/**
 * Raises the dead letter and throws; returns only when the ledger turns out to know the event's outcome, or when the
 * event is to be held.
 */
async function giveUp(
  input: SyncInput,
  status: SyncStatus,
  failure: Failure,
  { applied, holdable }: { applied: boolean; holdable: boolean },
): Promise<ApplyResult | Held> {
  const { pipeline, subject, limits } = input;
  const { errorClass, message, signature } = failure;
  status.step = 'dead_letter';
  status.trouble = { errorClass, message, hint: policyFor(errorClass).hint, since: failure.failedAt };
  upsertSearchAttributes(attributePairs({ TandemErrorClass: errorClass, TandemErrorSignature: signature }));
  const known = await CancellationScope.nonCancellable(() =>
    raiseDeadLetter({ pipeline, subject, failure, limits, applied, holdable }),
  );
  if (known) return known;
  const dead = ApplicationFailure.create({
    message,
    type: errorClass,
    nonRetryable: true,
    details: [{ signature, deadLetter: deadLetterId(status.eventId) }],
  });
  if (failure.stack) dead.stack = `${errorClass}: ${message}\n${failure.stack}`;
  throw dead;
}

/** A dead letter that is gone needs to be told nothing. */
async function tellDeadLetter(eventId: string, outcome: Outcome): Promise<void> {
  const handle = getExternalWorkflowHandle(deadLetterId(eventId));
  await CancellationScope.nonCancellable(() => handle.signal(signalNames.resolved, outcome)).catch(() => {});
}
