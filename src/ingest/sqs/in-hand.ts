import { setTimeout as delay } from 'node:timers/promises';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { Gatherer } from '../gatherer.ts';
import { mostInCall, troubleOf } from './queue.ts';
import type { Refused, SqsQueue } from './queue.ts';

/** How long a call that is not full waits for more messages, milliseconds. */
const gatherMs = 20;

export interface InHandOptions {
  queue: SqsQueue;
  /** For so long a message is hidden from others when it was received, and each time anew. */
  visibilitySeconds: number;
  log: Logger;
}

/**
 * The messages a process has received and not settled, by receipt handle. While one is in hand it stays hidden from
 * others, unless SQS is away for longer than that; then it comes again, which is harmless. No method rejects.
 */
export class InHand {
  readonly #options: InHandOptions;
  readonly #handles = new Set<string>();
  readonly #removing: Gatherer<string>;
  readonly #givingBack: Gatherer<string>;
  readonly #closing = new AbortController();
  readonly #keeping: Promise<void>;
  #hiding: Promise<unknown> = Promise.resolve();

  constructor(options: InHandOptions) {
    this.#options = options;
    const { queue } = options;
    this.#removing = gatherer((handles) => this.#insist('deleted', handles, (some) => queue.remove(some)));
    this.#givingBack = gatherer((handles) =>
      this.#insist('given back', handles, (some) => queue.hide(some, 0)),
    );
    this.#keeping = this.#keep(this.#closing.signal);
  }

  get size(): number {
    return this.#handles.size;
  }

  take(handle: string): void {
    this.#handles.add(handle);
  }

  /** Deletes the message. One that cannot be deleted comes again. */
  async acknowledge(handle: string): Promise<void> {
    await this.#removing.add('', handle, 0);
    this.#handles.delete(handle);
  }

  /** It comes at once to whoever asks. */
  async giveBack(handle: string): Promise<void> {
    this.#handles.delete(handle);
    // A call that still hides it must not come after.
    await this.#hiding;
    await this.#givingBack.add('', handle, 0);
  }

  /** It comes again once its time is over. */
  abandon(handle: string): void {
    this.#handles.delete(handle);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#keeping;
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { visibilitySeconds } = this.#options;
    while (!signal.aborted) {
      // Two tries fail before one is visible.
      await delay((visibilitySeconds * 1000) / 3, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      this.#hiding = this.#hideAll();
      await this.#hiding;
    }
  }

  async #hideAll(): Promise<void> {
    const { queue, visibilitySeconds, log } = this.#options;
    const handles = [...this.#handles];
    const calls = [];
    for (let from = 0; from < handles.length; from += mostInCall)
      calls.push(queue.hide(handles.slice(from, from + mostInCall), visibilitySeconds));
    const failed = (await Promise.allSettled(calls)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected')
      log.warn(
        { queue: queue.name, error: troubleOf(queue, failed.reason) },
        'messages in hand may come again: SQS does not keep them hidden',
      );
  }

  async #insist(
    what: string,
    handles: readonly string[],
    call: (handles: readonly string[]) => Promise<Refused[]>,
  ): Promise<void> {
    const { queue, log } = this.#options;
    const told = (count: number, error: string) =>
      log.warn(
        { queue: queue.name, messages: count, error },
        `messages were not ${what}: they come again when their time is over`,
      );
    let left = handles;
    const attempt = async () => {
      const refused = await call(left);
      const final = refused.filter(({ again }) => !again);
      if (final.length > 0) told(final.length, final[0]!.code);
      left = refused.filter(({ again }) => again).map(({ handle }) => handle);
      if (left.length > 0) throw new Error(refused.find(({ again }) => again)!.code);
    };
    await pRetry(attempt, { retries: 4, minTimeout: 100, maxTimeout: 2000 }).catch((error: unknown) =>
      told(left.length, troubleOf(queue, error)),
    );
  }
}

const gatherer = (take: (handles: readonly string[]) => Promise<void>): Gatherer<string> =>
  new Gatherer({
    mostItems: mostInCall,
    mostBytes: Infinity,
    waitMs: gatherMs,
    mostWaitMs: gatherMs,
    isReady: () => true,
    take,
  });
