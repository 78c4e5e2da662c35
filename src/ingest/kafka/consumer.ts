import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import pLimit, { type LimitFunction } from 'p-limit';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import type { ChangeFeed, FeedPosition, PartitionLag, RecordHandler } from '../change-feed.ts';
import { HandlerDefect } from '../handler-defect.ts';
import { HeldTopics } from '../held-topics.ts';
import { processBatch } from './batch.ts';
import { watchLag, type Assignment } from './lag.ts';
import { ensureTopics, type TopicSettings } from './topics.ts';

export interface KafkaFeedOptions {
  kafka: Kafka;
  groupId: string;
  /** Topics to read, with the settings for those that have to be made. */
  topics: ReadonlyMap<string, TopicSettings>;
  /** Records handled at once, over all partitions. */
  concurrency: number;
  /** Milliseconds a member may be silent before its partitions go to another. Default 15 000. */
  sessionTimeoutMs?: number | undefined;
  onBatch?: ((records: number) => void) | undefined;
  /** Every partition assigned to this process, every two seconds. */
  onLag?: ((partitions: readonly PartitionLag[]) => void) | undefined;
  log: Logger;
}

/** Topics of Kafka, read by a consumer group: processes with one group id share the partitions. */
export class KafkaFeed implements ChangeFeed {
  readonly failed: Promise<never>;
  readonly heldValueBytes = 256 * 1024;
  readonly #options: KafkaFeedOptions;
  readonly #stopping = new AbortController();
  readonly #reject: (error: Error) => void;
  #started: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | null = null;
  #lagWatch: Promise<void> = Promise.resolve();
  #consumer: Consumer | null = null;
  #assignment: Assignment = new Map();
  readonly #held: HeldTopics;
  #broken = false;
  #lagRecords: number | null = null;
  #lagKnownAt: number | null = null;
  #lastBatchAt: number | null = null;
  #lastProgressAt = Date.now();

  constructor(options: KafkaFeedOptions) {
    this.#options = options;
    this.#held = new HeldTopics([...options.topics.keys()]);
    const { promise, reject } = withResolvers<never>();
    this.failed = promise;
    this.#reject = reject;
    promise.catch(() => {});
  }

  start(handler: RecordHandler): Promise<void> {
    this.#started = this.#start(handler);
    return this.#started;
  }

  pause(cause: string, topics?: readonly string[]): void {
    this.#held.hold(cause, topics);
    this.#passOnPause();
  }

  resume(cause: string, topics?: readonly string[]): void {
    if (!this.#held.release(cause, topics)) return;
    this.#lastProgressAt = Date.now();
    this.#passOnPause();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  position(): FeedPosition {
    return {
      lagRecords: this.#lagRecords,
      lagKnownAt: this.#lagKnownAt,
      partitions: [...this.#assignment.values()].reduce((sum, own) => sum + own.length, 0),
      leads: [...this.#options.topics.keys()]
        .slice(0, 1)
        .some((first) => this.#assignment.get(first)?.includes(0)),
      lastBatchAt: this.#lastBatchAt,
      lastProgressAt: this.#lastProgressAt,
      paused: this.#held.free.length === 0,
      heldTopics: this.#held.held,
    };
  }

  async #start(handler: RecordHandler): Promise<void> {
    const { kafka, topics, log, groupId, concurrency } = this.#options;
    const { signal } = this.#stopping;
    try {
      const partitions = await ensureTopics(kafka, topics, log, signal);
      this.#consumer = await pRetry(() => this.#subscribe(), {
        retries: Infinity,
        minTimeout: 500,
        maxTimeout: 5000,
        signal,
        onFailedAttempt: ({ error }) => {
          if (!signal.aborted) log.warn({ groupId, error: error.message }, 'waiting for Kafka');
        },
      });
      const limit = pLimit(concurrency);
      await this.#consumer.run({
        eachBatchAutoResolve: false,
        autoCommitInterval: 1000,
        partitionsConsumedConcurrently: partitions,
        eachBatch: (payload) => this.#eachBatch(payload, handler, limit),
      });
    } catch (error) {
      if (!signal.aborted) throw error;
      return;
    }
    this.#passOnPause();
    this.#lagWatch = watchLag(kafka, groupId, {
      assignment: () => this.#assignment,
      onLag: (partitions) => {
        this.#lagKnownAt = Date.now();
        this.#lagRecords = partitions.reduce((sum, each) => sum + each.records, 0);
        if (partitions.every(({ topic, records }) => records === 0 || this.#held.has(topic)))
          this.#lastProgressAt = Date.now();
        this.#options.onLag?.(partitions);
      },
      intervalMs: 2000,
      signal,
    });
  }

  async #subscribe(): Promise<Consumer> {
    const { kafka, groupId, topics, sessionTimeoutMs = 15_000, log } = this.#options;
    const consumer = kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.min(3000, Math.floor(sessionTimeoutMs / 3)),
      maxWaitTimeInMs: 500,
      metadataMaxAge: 60_000,
      allowAutoTopicCreation: false,
      retry: {
        initialRetryTime: 200,
        maxRetryTime: 2000,
        // Trying on keeps the membership; one that starts again is a new member, and the group waits a whole session
        // for the old one. An outage over some 20 s ends in that anyway, by the client's own limit.
        retries: Number.MAX_SAFE_INTEGER,
        // Without this, a crash during `stop` would start the consumer again.
        restartOnFailure: () => Promise.resolve(!this.#stopping.signal.aborted),
      },
    });
    const { GROUP_JOIN, CRASH } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.#assignment = new Map(Object.entries(payload.memberAssignment));
      this.#lastProgressAt = Date.now();
      const partitions = [...this.#assignment].flatMap(([topic, own]) =>
        own.map((each) => `${topic}/${each}`),
      );
      log.info({ groupId, partitions }, 'joined the consumer group');
    });
    consumer.on(CRASH, ({ payload }) => {
      this.#assignment = new Map();
      const after = payload.restart ? 'starts again' : 'does not start again';
      log.error({ groupId, error: payload.error.message }, `the consumer crashed and ${after}`);
      if (!payload.restart && !this.#stopping.signal.aborted) this.#break(payload.error);
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics.keys()], fromBeginning: true });
      return consumer;
    } catch (error) {
      await consumer.disconnect().catch(() => {});
      throw error;
    }
  }

  async #eachBatch(payload: EachBatchPayload, handler: RecordHandler, limit: LimitFunction): Promise<void> {
    this.#lastBatchAt = Date.now();
    this.#options.onBatch?.(payload.batch.messages.length);
    // kafkajs forgets what was paused when it starts itself again after a crash.
    this.#passOnPause();
    try {
      await processBatch(payload, {
        handler,
        limit,
        signal: this.#stopping.signal,
        halted: () => this.#held.has(payload.batch.topic) || this.#broken,
        tickMs: 1000,
        onProgress: () => {
          this.#lastProgressAt = Date.now();
        },
      });
    } catch (error) {
      if (!(error instanceof HandlerDefect)) throw error;
      this.#break(error);
    }
  }

  #break(error: Error): void {
    this.#broken = true;
    this.#passOnPause();
    this.#reject(error);
  }

  #passOnPause(): void {
    const { held, free } = this.#held;
    const stop = this.#broken ? [...held, ...free] : held;
    const go = this.#broken ? [] : free;
    try {
      this.#consumer?.pause(stop.map((topic) => ({ topic })));
      if ((this.#consumer?.paused().length ?? 0) > 0) this.#consumer?.resume(go.map((topic) => ({ topic })));
    } catch {
      // Not running just now; each batch passes it on again.
    }
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new Error('the feed stops'));
    await this.#started.catch(() => {});
    await this.#lagWatch;
    await this.#consumer?.disconnect();
    this.#assignment = new Map();
  }
}

function withResolvers<T>(): { promise: Promise<T>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
}
