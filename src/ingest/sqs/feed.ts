import { EventEmitter, once, setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { NotTaken } from '../change-feed.ts';
import type { ChangeFeed, FeedPosition, PartitionLag, RecordHandler } from '../change-feed.ts';
import { HandlerDefect } from '../handler-defect.ts';
import { HeldTopics } from '../held-topics.ts';
import { longestPollSeconds } from './client.ts';
import { feedRecord } from './feed-record.ts';
import { InHand } from './in-hand.ts';
import { mostInCall, troubleOf } from './queue.ts';
import type { QueueState, SqsQueue } from './queue.ts';

export interface SqsFeedOptions {
  queue: SqsQueue;
  /** Messages in hand at a time. */
  capacity: number;
  onBatch?: ((records: number) => void) | undefined;
  /** The queue as one partition, every two seconds. */
  onLag?: ((partitions: readonly PartitionLag[]) => void) | undefined;
  log: Logger;
}

/** Receives under way at a time while they come back full. */
const mostReceives = 4;
const lagMs = 2000;
/** At the end a receive that is under way may take what was given back: so long it is waited for, milliseconds. */
const lastReceiveMs = 2000;
/** Between a message that was not taken although the queue is read, and the next receive, milliseconds. */
const restMs = 1000;

/**
 * A queue of SQS. A message is deleted only once its handler has resolved, and stays hidden from other processes until
 * then; one that was not taken is visible again at once. The queue holds what a feed of Kafka would find again in its
 * topic, and nothing beyond it.
 */
export class SqsFeed implements ChangeFeed {
  readonly failed: Promise<never>;
  /** A deleted message can be read nowhere. */
  readonly heldValueBytes = Infinity;
  readonly #options: SqsFeedOptions;
  readonly #stopping = new AbortController();
  /** Aborted, receives under way are cut off. */
  readonly #cutting = new AbortController();
  readonly #changes = new EventEmitter();
  readonly #handling = new Set<Promise<void>>();
  readonly #held: HeldTopics;
  #reject: (error: Error) => void = () => {};
  #started: Promise<void> = Promise.resolve();
  #running: Promise<unknown> = Promise.resolve();
  #stopped: Promise<void> | null = null;
  #inHand: InHand | null = null;
  #reserved = 0;
  #restsUntil = 0;
  #broken = false;
  #state: QueueState | null = null;
  #lagKnownAt: number | null = null;
  #lastBatchAt: number | null = null;
  #lastProgressAt = Date.now();

  constructor(options: SqsFeedOptions) {
    this.#options = options;
    this.#held = new HeldTopics([options.queue.name]);
    this.failed = new Promise<never>((_, reject) => (this.#reject = reject));
    this.failed.catch(() => {});
    // Whatever a handler waits for listens to it, and there are many handlers.
    setMaxListeners(0, this.#stopping.signal);
  }

  start(handler: RecordHandler): Promise<void> {
    this.#started = this.#start(handler);
    return this.#started;
  }

  pause(cause: string, topics?: readonly string[]): void {
    this.#held.hold(cause, topics);
  }

  resume(cause: string, topics?: readonly string[]): void {
    if (!this.#held.release(cause, topics)) return;
    this.#lastProgressAt = Date.now();
    this.#changes.emit('change');
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  position(): FeedPosition {
    const reads = this.#inHand !== null;
    return {
      lagRecords: this.#state?.messages ?? null,
      lagKnownAt: this.#lagKnownAt,
      partitions: Number(reads),
      leads: reads,
      lastBatchAt: this.#lastBatchAt,
      lastProgressAt: this.#lastProgressAt,
      paused: this.#isHeld,
      heldTopics: this.#held.held,
    };
  }

  get #isHeld(): boolean {
    return this.#held.free.length === 0;
  }

  async #start(handler: RecordHandler): Promise<void> {
    const { queue, log } = this.#options;
    const { signal } = this.#stopping;
    try {
      const { visibilitySeconds } = await this.#patiently(() => queue.state(signal));
      const seconds = Math.max(1, visibilitySeconds);
      const inHand = new InHand({ queue, visibilitySeconds: seconds, log });
      this.#inHand = inHand;
      this.#lastProgressAt = Date.now();
      this.#running = Promise.all([
        this.#receiveAll({ handler, inHand, visibilitySeconds: seconds }),
        this.#watchLag(),
      ]);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Waits without limit for SQS, and for a queue that does not exist. */
  #patiently<T>(call: () => Promise<T>): Promise<T> {
    const { queue, log } = this.#options;
    const { signal } = this.#stopping;
    return pRetry(call, {
      retries: Infinity,
      minTimeout: 500,
      maxTimeout: 5000,
      signal,
      onFailedAttempt: ({ error }) => {
        if (!signal.aborted)
          log.warn({ queue: queue.name, error: troubleOf(queue, error) }, 'waiting for SQS');
      },
    });
  }

  /** One long poll while little comes; several receives at once while they come back full. */
  async #receiveAll(reading: Reading): Promise<void> {
    const { signal } = this.#stopping;
    try {
      for (;;) {
        while (!this.#mayReceive(1)) await once(this.#changes, 'change', { signal });
        let full = (await this.#receive(reading, longestPollSeconds)) === mostInCall;
        while (full && this.#mayReceive(1)) {
          const times = [...Array(mostReceives).keys()].filter((before) => this.#mayReceive(before + 1));
          full = await this.#receiveAtOnce(reading, times.length);
        }
      }
    } catch (error) {
      if (!signal.aborted) this.#break(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Whether any came back full. Settles only after each has. */
  async #receiveAtOnce(reading: Reading, receives: number): Promise<boolean> {
    const each = Array.from({ length: receives }, () => this.#receive(reading, 1));
    await Promise.allSettled(each);
    return (await Promise.all(each)).includes(mostInCall);
  }

  /** Whether so many more receives have room for what they may bring. */
  #mayReceive(receives: number): boolean {
    const room = this.#options.capacity - (this.#inHand?.size ?? 0) - this.#reserved;
    return (
      !this.#broken && !this.#isHeld && room >= receives * mostInCall && performance.now() >= this.#restsUntil
    );
  }

  async #receive(reading: Reading, waitSeconds: number): Promise<number> {
    const { queue, onBatch } = this.#options;
    const { visibilitySeconds, inHand } = reading;
    this.#reserved += mostInCall;
    try {
      return await this.#patiently(async () => {
        if (this.#isHeld) return 0;
        const messages = await queue.receive({ waitSeconds, visibilitySeconds }, this.#cutting.signal);
        if (messages.length > 0) {
          this.#lastBatchAt = Date.now();
          onBatch?.(messages.length);
          // Nothing that could be taken waits: what is left is in the hands of others.
        } else if (inHand.size === 0) this.#lastProgressAt = Date.now();
        for (const message of messages) this.#begin(message, reading);
        return messages.length;
      });
    } finally {
      this.#reserved -= mostInCall;
    }
  }

  #begin(message: Message, { handler, inHand }: Reading): void {
    const handle = message.ReceiptHandle ?? '';
    inHand.take(handle);
    const handling = this.#handle(message, handle, handler, inHand).finally(() => {
      this.#handling.delete(handling);
      this.#changes.emit('change');
    });
    this.#handling.add(handling);
  }

  async #handle(message: Message, handle: string, handler: RecordHandler, inHand: InHand): Promise<void> {
    const { signal } = this.#stopping;
    const { queue } = this.#options;
    try {
      if (signal.aborted || this.#isHeld || this.#broken) throw new NotTaken();
      await handler(feedRecord(queue.name, message, this.#state?.visible ?? 0), signal);
    } catch (error) {
      if (signal.aborted || error instanceof NotTaken) {
        if (!this.#isHeld) this.#rest();
        return inHand.giveBack(handle);
      }
      // Not at once to the next process, which would meet the same defect.
      inHand.abandon(handle);
      return this.#break(new HandlerDefect(error));
    }
    await inHand.acknowledge(handle);
    this.#lastProgressAt = Date.now();
  }

  /** A message that is given back comes again at once: without a pause it would go round and round. */
  #rest(): void {
    this.#restsUntil = performance.now() + restMs;
    setTimeout(() => this.#changes.emit('change'), restMs + 5).unref();
  }

  #break(error: Error): void {
    this.#broken = true;
    this.#reject(error);
  }

  async #watchLag(): Promise<void> {
    const { queue, onLag } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const state = await queue.state(signal).catch(() => null);
      if (state !== null) {
        this.#state = state;
        this.#lagKnownAt = Date.now();
        if (state.messages === 0 || this.#isHeld) this.#lastProgressAt = Date.now();
        onLag?.([{ topic: queue.name, partition: 0, records: state.messages }]);
      }
      await delay(lagMs, undefined, { signal }).catch(() => {});
    }
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new Error('the feed stops'));
    await this.#started.catch(() => {});
    const hadAny = this.#handling.size > 0;
    await Promise.all(this.#handling);
    // One that is cut off may still be given messages, which nobody sees until their time is over.
    if (hadAny) await Promise.race([this.#running, delay(lastReceiveMs, undefined, { ref: false })]);
    this.#cutting.abort();
    await this.#running;
    await Promise.all(this.#handling);
    await this.#inHand?.close();
    this.#inHand = null;
    this.#options.queue.close();
  }
}

interface Reading {
  handler: RecordHandler;
  inHand: InHand;
  visibilitySeconds: number;
}
