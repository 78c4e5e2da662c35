import {
  condition,
  defineSignal,
  isCancellation,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type { AwaitedRow } from '../errors/sync-error.ts';
import type { TryFailure } from '../temporal/failures.ts';
import type { Parked, SyncActivities, SyncInput, UpsertResult } from '../temporal/messages.ts';
import { signalNames } from '../temporal/names.ts';
import { readFailure } from '../temporal/read-failure.ts';
import { localTryTimeout } from '../temporal/timeouts.ts';
import type { WaitingActivities } from '../temporal/waiting.ts';

/** Rows of one source transaction come within this of each other, milliseconds: nobody has to be told to wake for them. */
const firstLookMs = 250;

/** Between two looks at the deadline at least, milliseconds. */
const leastLookMs = 1000;

/**
 * By itself an event looks so seldom, milliseconds, and less often the longer its stream is away, up to so many times
 * doubled: whoever wakes it knows its deadline. Thousands that looked at every deadline would keep workers from all else.
 */
const ownLookMs = 3_600_000;
const mostDoublings = 3;

const { upsertRow } = proxyLocalActivities<SyncActivities>({
  startToCloseTimeout: localTryTimeout,
  retry: { maximumAttempts: 1 },
});

/** With the try before it one workflow task: thousands may look in the same minutes. */
const { lookAtWait } = proxyLocalActivities<WaitingActivities>({
  startToCloseTimeout: localTryTimeout,
  retry: { initialInterval: '500ms', maximumInterval: '10s' },
});

/** The signal `wake`: the row an event waits for has changed. It may come at any time, also twice, or for nothing. */
export class Wake {
  #called = false;

  constructor() {
    setHandler(defineSignal(signalNames.wake), () => {
      this.#called = true;
    });
  }

  /** True once it was called since the last time, false after so many milliseconds. */
  async within(ms: number): Promise<boolean> {
    const called = await condition(() => this.#called, ms);
    this.#called = false;
    return called;
  }
}

export type Waited =
  | { result: UpsertResult; failure?: never; chain?: never }
  /** `chain`: the deadline has passed, and what the event waited for. */
  | { result?: never; failure: TryFailure; chain?: string };

/**
 * Waits to be woken, instead of being tried again and again: when what it waits for has changed, and when its deadline has
 * passed while the awaited stream was live. In between an event in here costs nobody anything.
 */
export class WaitingRoom {
  readonly #input: SyncInput;
  readonly #wake: Wake;
  readonly #parked: Parked;

  constructor(input: SyncInput, wake: Wake, parked: Parked) {
    this.#input = input;
    this.#wake = wake;
    this.#parked = parked;
  }

  /** One wait and the try after it. Looks by itself at last, so a call that was lost only delays. */
  async wait(awaits: AwaitedRow): Promise<Waited> {
    const { waitingDeadlineMs: deadlineMs } = this.#input.limits;
    if (this.#parked.lookAt === undefined) {
      this.#parked.lookAt = Date.now() + deadlineMs;
      await this.#wake.within(Math.min(firstLookMs, deadlineMs));
    } else await this.#wake.within(this.#ownLookIn(this.#parked.lookAt));
    const waited = await this.#try();
    if (waited.result || waited.failure.errorClass !== 'waiting_for_row') return waited;
    if (Date.now() < this.#parked.lookAt) return waited;
    const { pipeline, subject } = this.#input;
    const look = await lookAtWait({ pipeline, subject, awaits: waited.failure.awaits ?? awaits, deadlineMs });
    if (look.liveMs >= deadlineMs) return { ...waited, chain: look.chain };
    this.#parked.deadLooks = look.liveMs > 0 ? 0 : (this.#parked.deadLooks ?? 0) + 1;
    this.#parked.lookAt = Date.now() + Math.max(leastLookMs, deadlineMs - look.liveMs);
    return waited;
  }

  /** Milliseconds. */
  #ownLookIn(lookAt: number): number {
    const seldom = ownLookMs * 2 ** Math.min(this.#parked.deadLooks ?? 0, mostDoublings);
    return Math.max(seldom, lookAt - Date.now());
  }

  async #try(): Promise<Waited> {
    const { pipeline, subject } = this.#input;
    try {
      return {
        result: await upsertRow({ pipeline, subject, transformed: null, identity: null, waited: true }),
      };
    } catch (error) {
      if (isCancellation(error)) throw error;
      return { failure: readFailure(error).failure };
    }
  }
}
