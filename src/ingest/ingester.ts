import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { LimitFunction } from 'p-limit';
import type { ChangeEvent } from '../change/event.ts';
import type { RetryLimits } from '../errors/policy.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Hint, SyncInput } from '../temporal/messages.ts';
import { packEvents } from '../temporal/packed-events.ts';
import { maximumEncodedBytes } from '../temporal/payload-codec.ts';
import { NotTaken } from './change-feed.ts';
import type { ChangeFeed, FeedPosition, FeedRecord } from './change-feed.ts';
import { deadEvent, deadRecord } from './dead-record.ts';
import type { RunningEvents } from './count-running.ts';
import { Gatherer } from './gatherer.ts';
import { InFlight, mostInBatch } from './in-flight.ts';
import { intake, type Captured, type Hinted } from './intake.ts';
import { holdRefusal } from './hold-refusal.ts';
import { LaneChoice } from './lane.ts';
import type { LaneOptions } from './lane.ts';
import type { IngestObserver } from './observer.ts';
import { PauseWatch } from './pause-watch.ts';
import { settleAll } from './settle-all.ts';
import type { Starter } from './starter.ts';

export interface IngesterOptions {
  pipeline: CompiledPipeline;
  side: string;
  feed: ChangeFeed;
  starter: Starter;
  /** Given to each workflow. */
  limits: RetryLimits;
  /** `SYNC_START_CONCURRENCY`: starts of workflows of one event under way at a time. */
  startConcurrency: number;
  lane: LaneOptions;
  /** `SYNC_MAX_IN_FLIGHT`. */
  maxInFlight: number;
  /** `SYNC_MAX_WAITING`. */
  maxWaiting: number;
  /** Topics whose rows may have to wait for others, and for none of whose rows anybody waits. */
  childTopics: readonly string[];
  countRunning: () => Promise<RunningEvents>;
  /** When the feed may drop the record, ISO 8601; null where it never does, or does not tell. */
  expiry: (record: FeedRecord) => Promise<string | null>;
  /** Whether the record comes again on purpose: its group was rewound for a restored target. Asked where its event has completed. */
  rewound: (record: FeedRecord, signal: AbortSignal) => Promise<boolean>;
  observer: IngestObserver;
  /** Milliseconds between counts of what is in flight. Default 1000. */
  countIntervalMs?: number | undefined;
  /** Topics that somebody, or something, has paused; asked of memory, often. */
  pausedTopics?: (() => readonly string[]) | undefined;
}

/** Bytes of the records of one batch; what Temporal is given of them is smaller. */
const mostBatchBytes = 1024 * 1024;
/** How long a batch that does not fill waits for more, milliseconds, and at most, while others keep it from beginning. */
const gatherMs = 20;
const mostGatherMs = 5000;

interface InBatch {
  record: FeedRecord;
  captured: Captured;
  signal: AbortSignal;
}

const inFlightCause = 'in_flight';
const waitingCause = 'waiting';

/** Brings one side's changes to Temporal: reads, drops echoes, starts a workflow for each event, then acknowledges. */
export class Ingester {
  readonly #options: IngesterOptions;
  readonly #inFlight: InFlight;
  readonly #lane: LaneChoice;
  readonly #starting: LimitFunction;
  readonly #gatherer: Gatherer<InBatch>;
  readonly #pauses: PauseWatch;
  readonly #stopping = new AbortController();
  #watching: Promise<unknown> = Promise.resolve();

  constructor(options: IngesterOptions) {
    this.#options = options;
    const { feed, observer } = options;
    this.#pauses = new PauseWatch(options.pausedTopics ?? (() => []), feed, observer);
    // Each batch under way listens to it.
    setMaxListeners(0, this.#stopping.signal);
    this.#starting = pLimit(options.startConcurrency);
    this.#gatherer = new Gatherer({
      mostItems: mostInBatch,
      mostBytes: mostBatchBytes,
      waitMs: gatherMs,
      mostWaitMs: mostGatherMs,
      isReady: ([first]) => this.#inFlight.takesBatches || (first?.signal.aborted ?? true),
      take: (items) => this.#startBatch(items),
    });
    const { lane } = options;
    this.#lane = new LaneChoice(lane, () => this.#inFlight.estimate);
    this.#inFlight = new InFlight({
      limit: options.maxInFlight,
      closelyFrom: Math.min(options.maxInFlight, lane.lane === 'auto' ? lane.open : Infinity) / 2,
      count: options.countRunning,
      intervalMs: options.countIntervalMs ?? 1000,
      onClose: (inFlight) => {
        feed.pause(inFlightCause);
        observer.paused(true, inFlight);
      },
      onOpen: (inFlight) => {
        feed.resume(inFlightCause);
        observer.paused(false, inFlight);
      },
      waitingLimit: options.maxWaiting,
      onCrowded: (crowded, waiting) => {
        if (crowded) feed.pause(waitingCause, options.childTopics);
        else feed.resume(waitingCause);
        observer.crowded(crowded, waiting);
      },
    });
  }

  get pipeline(): CompiledPipeline {
    return this.#options.pipeline;
  }

  get side(): string {
    return this.#options.side;
  }

  /** Rejects when ingest cannot go on by itself; the process must then exit non-zero. */
  get failed(): Promise<never> {
    return this.#options.feed.failed;
  }

  /** Waits without limit for the feed's servers; returns once events may come. */
  async start(): Promise<void> {
    await this.#inFlight.refresh();
    this.#pauses.look();
    this.#watching = Promise.all([
      this.#inFlight.watch(this.#stopping.signal),
      this.#pauses.watch(this.#stopping.signal),
    ]);
    await this.#options.feed.start((record, signal) => this.#take(record, signal));
  }

  /** No new starts; those under way finish and what Temporal holds is acknowledged. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#options.feed.stop();
    await this.#watching;
  }

  position(): FeedPosition {
    return this.#options.feed.position();
  }

  async #take(record: FeedRecord, signal: AbortSignal): Promise<void> {
    const { pipeline, side, observer } = this.#options;
    const read = intake(pipeline, side, record);
    try {
      switch (read.kind) {
        case 'skip':
          observer.skipped(read.reason, record, read.detail);
          return;
        case 'truncated':
          observer.truncated(read.table, record);
          return;
        case 'dead':
          await this.#bury(record, null, read.error, signal);
          return;
        case 'captured':
          for (const { layer, table } of read.echoes) observer.echoDropped(layer, table, record);
          for (const { event, route } of read.captured) observer.taken(record, route.source, event);
          await settleAll(read.captured.map((captured) => this.#sync(record, captured, signal)));
          return;
        case 'hinted':
          await settleAll(read.hinted.map((hinted) => this.#follow(record, hinted, signal)));
      }
    } finally {
      observer.released(record);
    }
  }

  /** Alone or with others: as it is when it comes, and again when its turn has come, which may be much later. */
  async #sync(record: FeedRecord, captured: Captured, signal: AbortSignal): Promise<void> {
    const bytes = record.value?.length ?? 0;
    const isAlone = () => bytes >= mostBatchBytes || this.#lane.of(record, captured.event) === 'event';
    const alone = async () => {
      if (!isAlone()) return false;
      this.#assertOpen(record);
      await this.#inFlight.track(() => this.#start(record, captured, signal));
      return true;
    };
    if (isAlone() && (await this.#starting(alone))) return;
    const name = `${record.topic}/${record.partition}/${captured.route.entity}`;
    await this.#gatherer.add(name, { record, captured, signal }, bytes);
  }

  /** A hint goes alone: only its row tells what it brings. */
  #follow(record: FeedRecord, { hint, route }: Hinted, signal: AbortSignal): Promise<void> {
    const { pipeline, limits, starter, observer } = this.#options;
    const given: Hint = { ...hint, timestamp: new Date(record.timestamp).toISOString() };
    const input: SyncInput = {
      pipeline: pipeline.name,
      subject: { kind: 'hint', ...given },
      limits,
      retried: false,
    };
    observer.taken(record, route.source, given);
    return this.#starting(async () => {
      this.#assertOpen(record);
      await this.#inFlight.track(async () => {
        const { eventId: event_id, entity: entity_type, key: primary_key, side: source } = given;
        const event = { event_id, entity_type, primary_key, source };
        const start = () => starter.sync(input, route.target.side, signal);
        observer.started(event, (await observer.during([record], event, start)) === 'repeated');
      });
    });
  }

  /** Records in hand may be many: what closed meanwhile, or was paused, goes back to the feed, which is held for it. */
  #assertOpen(record: FeedRecord): void {
    if (this.#inFlight.closed) throw new NotTaken();
    this.#assertNotPaused(record);
  }

  #assertNotPaused({ topic }: FeedRecord): void {
    if (this.#pauses.isPaused(topic)) throw new NotTaken();
  }

  /** All of one partition, so that one signal is that of all. What Temporal cannot hold together goes one by one. */
  async #startBatch(items: readonly InBatch[]): Promise<void> {
    const { pipeline, limits, starter, observer } = this.#options;
    const [{ record, captured, signal }] = items as [InBatch];
    const events = items.map((item) => item.captured.event);
    const input = { pipeline: pipeline.name, events: await packEvents(events), limits };
    if (input.events.length > maximumEncodedBytes) {
      const alone = ({ record: own, captured: of }: InBatch) =>
        this.#starting(() => this.#inFlight.track(() => this.#start(own, of, signal)));
      return settleAll(items.map(alone));
    }
    const start = async () => {
      this.#assertNotPaused(record);
      const { started, workflowId } = await observer.during(
        items.map((item) => item.record),
        captured.event,
        () => starter.batch(input, events, captured.route.target.side, signal),
      );
      return { started, ended: starter.ended(workflowId, this.#stopping.signal) };
    };
    const { started } = await this.#inFlight.trackBatch(start, events.length, signal);
    for (const event of events) observer.started(event, started === 'repeated');
  }

  #start(record: FeedRecord, captured: Captured, signal: AbortSignal): Promise<void> {
    return this.#options.observer.during([record], captured.event, () =>
      this.#startAlone(record, captured, signal),
    );
  }

  async #startAlone(record: FeedRecord, { event, route }: Captured, signal: AbortSignal): Promise<void> {
    const { pipeline, limits, starter, observer } = this.#options;
    const input: SyncInput = {
      pipeline: pipeline.name,
      subject: { kind: 'event', event },
      limits,
      retried: false,
    };
    const refused = await holdRefusal(input);
    if (refused !== null) return this.#bury(record, event, refused, signal);
    let started = await starter.sync(input, route.target.side, signal);
    if (started === 'repeated' && (await this.#options.rewound(record, signal)))
      started = await starter.sync(input, route.target.side, signal, true);
    observer.started(event, started === 'repeated');
  }

  async #bury(
    record: FeedRecord,
    event: ChangeEvent | null,
    error: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    const { pipeline, side, limits, starter, expiry, observer, feed } = this.#options;
    const { heldValueBytes } = feed;
    const context = { pipeline: pipeline.name, side, limits, expires: await expiry(record), heldValueBytes };
    // Where nothing can be read again, an event that Temporal cannot hold is kept as its record, which is smaller.
    const dead =
      event === null || heldValueBytes === Infinity
        ? deadRecord(record, error, context)
        : deadEvent(record, event, error, context);
    await starter.deadLetter(dead, signal);
    observer.deadRecord(record, dead.failure.errorClass, dead.failure.message);
  }
}
