import { continueAsNew, isCancellation, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { ApplyResult } from '../change/outcome.ts';
import { policyFor } from '../errors/policy.ts';
import { syncSteps } from '../temporal/messages.ts';
import type { TryFailure } from '../temporal/failures.ts';
import type {
  SyncActivities,
  SyncInput,
  SyncProgress,
  SyncStep,
  UpsertResult,
} from '../temporal/messages.ts';
import { readFailure } from '../temporal/read-failure.ts';
import { subjectTitle } from '../temporal/subject.ts';
import { triesLeft } from '../temporal/retry-tries.ts';
import type { Tries } from '../temporal/retry-tries.ts';
import { oneTry } from '../temporal/timeouts.ts';
import { WaitingRoom } from './waiting-room.ts';
import type { Wake } from './waiting-room.ts';

/** The policy of the event's error class has no try left. */
export class GaveUp extends Error {
  readonly failure: TryFailure;

  constructor(failure: TryFailure) {
    super('no try left');
    this.failure = failure;
  }
}

type Report = (step: SyncStep, trouble: { failure: TryFailure; since: string } | null) => void;

/**
 * Goes on with an event in trouble: regular activities, retried by Temporal under the policy of the error's class.
 * An error of another class ends the activity and the event goes on under that class's policy, each class with its own
 * count: an outage in the middle of a constraint's retries eats none of them, and the tries of a class stay apart as
 * its policy says, however often classes alternate.
 */
export class Persistence {
  readonly #input: SyncInput;
  readonly #wake: Wake;
  readonly #report: Report;
  #progress: SyncProgress | null = null;

  constructor(input: SyncInput, wake: Wake, report: Report) {
    this.#input = input;
    this.#wake = wake;
    this.#report = report;
  }

  /** Retries made under the class the event is in now. */
  get retryCount(): number {
    if (!this.#progress) return 0;
    const { failures, failure } = this.#progress;
    return Math.max(0, (failures[failure.errorClass] ?? 0) - 1);
  }

  /** Goes on from the step that failed; `result` is what came of the row, where its effects failed. Throws `GaveUp`, or the cancellation. */
  begin(step: SyncStep, failure: TryFailure, result?: UpsertResult): Promise<ApplyResult> {
    return this.#goOn({ failures: {}, waitedMs: 0, step, failure, since: now(), ...(result && { result }) });
  }

  /** Goes on where an earlier run left off. */
  resume(progress: SyncProgress): Promise<ApplyResult> {
    return this.#goOn(progress);
  }

  async #goOn(progress: SyncProgress): Promise<ApplyResult> {
    this.#progress = progress;
    for (const step of syncSteps.slice(syncSteps.indexOf(progress.step))) {
      // What is woken is resolved anew by the step that applies it.
      if (step === 'resolveIdentity' && progress.failure.awaits) continue;
      if (step === 'runEffects' && !progress.result?.effects) break;
      const done = await this.#untilDone(progress, step);
      if (step === 'upsertRow') progress.result = done as UpsertResult;
      this.#report(step, null);
    }
    return progress.result!;
  }

  async #untilDone(progress: SyncProgress, step: SyncStep): Promise<unknown> {
    const { limits } = this.#input;
    const waits = () => progress.failure.awaits !== undefined;
    let changed = progress.step === step || (waits() && step === 'upsertRow');
    progress.step = step;
    for (;;) {
      if (waits() && step === 'resolveIdentity') return null;
      if (waits() && step === 'upsertRow') {
        if (changed) this.#report(step, progress);
        await this.#startAfreshWhenLong(progress);
        const { message } = progress.failure;
        const done = await this.#wait(progress);
        if (done) return done;
        changed = progress.failure.message !== message;
        continue;
      }
      const { errorClass } = progress.failure;
      const failures = progress.failures[errorClass] ?? 0;
      const tries = triesLeft(errorClass, policyFor(errorClass, limits), failures, progress.waitedMs);
      if (changed) this.#report(step, progress);
      if (!tries) throw new GaveUp(progress.failure);
      await this.#startAfreshWhenLong(progress);
      if (changed && tries.delayMs > 0) await sleep(tries.delayMs, { summary: `${errorClass}: next try` });
      const startedAt = Date.now();
      try {
        return await this.#tryOn(progress, step, tries);
      } catch (error) {
        if (isCancellation(error)) throw error;
        if (tries.withinMs !== null) progress.waitedMs += Date.now() - startedAt;
        this.#count(progress, readFailure(error), tries);
      }
      changed = true;
    }
  }

  /** One wait in the waiting room and the try after it; null: it is to go on, under whatever class the event is in now. */
  async #wait(progress: SyncProgress): Promise<UpsertResult | null> {
    const room = new WaitingRoom(this.#input, this.#wake, (progress.parked ??= {}));
    const { result, failure, chain } = await room.wait(progress.failure.awaits!);
    if (result) return result;
    if (chain !== undefined) throw new GaveUp({ ...failure, message: `${failure.message} (${chain})` });
    if (failure.errorClass !== progress.failure.errorClass) {
      // Time in another class, an outage above all, is no time in which the awaited row could have come.
      delete progress.parked.lookAt;
      progress.failures[failure.errorClass] = (progress.failures[failure.errorClass] ?? 0) + 1;
      progress.since = now();
    }
    progress.failure = failure;
    return null;
  }

  #count(
    progress: SyncProgress,
    { failure, attempt, expired }: ReturnType<typeof readFailure>,
    tries: Tries,
  ) {
    const { failures, failure: before } = progress;
    const spent = failures[before.errorClass] ?? 0;
    // One that names the row it waits for is not tried on: it is woken.
    if (expired || (failure.errorClass === before.errorClass && !failure.awaits)) {
      failures[before.errorClass] = spent + (attempt ?? tries.retry.maximumAttempts ?? 1);
      if (!expired) progress.failure = failure;
      throw new GaveUp(progress.failure);
    }
    failures[before.errorClass] = spent + Math.max(0, (attempt ?? 1) - 1);
    failures[failure.errorClass] = (failures[failure.errorClass] ?? 0) + 1;
    progress.failure = failure;
    progress.since = now();
  }

  #tryOn({ result, parked }: SyncProgress, step: SyncStep, { retry, withinMs }: Tries): Promise<unknown> {
    const { pipeline, subject } = this.#input;
    const regular = proxyActivities<SyncActivities>({
      ...oneTry,
      summary: `${doing[step]}: ${subjectTitle(subject, null)}`,
      ...(withinMs !== null && { scheduleToCloseTimeout: withinMs }),
      retry,
    });
    if (step === 'runEffects') return regular.runEffects({ pipeline, subject, result: result! });
    if (step !== 'upsertRow') return regular[step]({ pipeline, subject });
    // What the fast path resolved may be long out of date by the time a retry runs.
    return regular.upsertRow({
      pipeline,
      subject,
      transformed: null,
      identity: null,
      ...(parked && { waited: true }),
    });
  }

  /** Classes that alternate for days would outgrow the limits of one history. */
  async #startAfreshWhenLong(progress: SyncProgress): Promise<void> {
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<(input: SyncInput) => Promise<ApplyResult>>({ ...this.#input, progress });
  }
}

/** How the steps are called in the Web UI. */
const doing: Record<SyncStep, string> = {
  transformChange: 'map the row',
  resolveIdentity: 'find the target row',
  upsertRow: 'write the row',
  runEffects: 'run the effects',
};

const now = () => new Date().toISOString();
