import type { Client } from '@temporalio/client';
import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { BulkDatabase } from '../database/grouped/bulk.ts';
import type { LedgerRetention } from '../database/retention-contract.ts';
import type { EventBus } from '../effects/event-bus.ts';
import type { ErrorClass } from '../errors/error-class.ts';
import type { RetryLimits } from '../errors/policy.ts';
import type { Fuse } from '../errors/fuse.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Tools } from '../pipeline/tools.ts';
import type { Alert, News } from '../temporal/alert.ts';
import type { DeadLetterMessage } from '../temporal/dead-letter-record.ts';
import type { PauseStatus } from '../temporal/pause.ts';
import type { EntityReport } from '../temporal/verify.ts';
import type { Pauses } from '../temporal/pauses.ts';
import type {
  Activities,
  DeadSubject,
  RecordReference,
  SyncStep,
  SyncSubject,
} from '../temporal/messages.ts';

export interface PollingLimits {
  /** `SYNC_POLL_INTERVAL`, milliseconds. */
  intervalMs: number;
  /** `SYNC_POLL_ROWS`: rows of one table in one look. */
  rows: number;
  /** `SYNC_POLL_OVERLAP_SECONDS`: so far behind a cursor rows are looked for once more, milliseconds. */
  overlapMs: number;
  /** `SYNC_POLL_COMPARE_SECONDS`: between two comparisons, milliseconds. */
  compareMs: number;
}

export type UnparsableRecord = Extract<DeadSubject, { kind: 'record' }>;

/** Where records too large for Temporal, or unparsable so far, are read from. Methods throw `SyncError`. */
export interface RecordSource {
  /** Reads and parses the record again. `eventId` is the event's, for a record that several entities capture. */
  readRecord(reference: RecordReference, eventId: string): Promise<ChangeEvent>;
  /**
   * What the record means now: subjects under ids of their own, none where nothing has to be applied.
   * Throws `data` while it still cannot be parsed.
   */
  parseRecord(record: UnparsableRecord): Promise<readonly SyncSubject[]>;
}

/** The dead-letter topic. */
export interface DeadLetterTopic {
  /** Resolves once the broker holds the message; at least once. */
  send(message: DeadLetterMessage): Promise<void>;
}

/** What lies between the sources and the workflows. */
export interface Upstream {
  /** The longest that any of the pipeline's topics keeps records, milliseconds; null: one keeps them for ever. */
  retentionMs(): Promise<number | null>;
  /** Source commit time that the capture of every side has passed, milliseconds since the epoch; null where one does not tell. */
  captured(): Promise<number | null>;
}

/** What the activities tell of themselves; metrics, traces and logs are made of it elsewhere. No call may throw, none carries a row value. */
export interface SyncObserver {
  /** Does one try of a step; its end is that of the work. */
  during<T>(step: StepTry, work: () => Promise<T>): Promise<T>;
  /** An event came to its outcome; `seconds` since its commit on the source. */
  applied(event: ChangeEvent, result: ApplyResult, seconds: number): void;
  failed(failure: FailedTry): void;
  deadLetterRaised(eventId: string, entity: string | null, side: string, errorClass: ErrorClass): void;
  /** A pause began, or (`resumed`) ended. */
  pauseChanged(pause: PauseStatus): void;
  /** A comparison of an entity ended. */
  verified(report: EntityReport): void;
  /** Operators are to be told. */
  alerted(news: News): void;
  /** The webhook took an alert, or (`error`) did not; nothing of its address. */
  posted(alert: Alert, error: string | null): void;
}

export interface StepTry {
  step: SyncStep;
  eventId: string;
  entity: string | null;
  operation: string | null;
  /** Where the change happened. */
  side: string;
}

/** What is known of the streams that bring changes to Tandem. */
export interface Streams {
  /**
   * For how long an entity's changes of a side have come through without a break and past a commit time (milliseconds
   * since the epoch); milliseconds, 0 while they do not, or nobody knows.
   */
  liveMs(entity: string, side: string, committed: number): Promise<number>;
}

export interface FailedTry {
  verb: keyof Activities;
  eventId: string;
  entity: string | null;
  /** Where the change happened. */
  side: string;
  errorClass: ErrorClass;
  message: string;
  signature: string;
  attempt: number;
}

/** How operators are told. */
export interface Alerts {
  /** `ALERT_INTERVAL_SECONDS`, milliseconds. */
  intervalMs: number;
  /** How many of its dead letters, or pauses, are open now; visibility may run a second behind. */
  countOpen(alert: Alert): Promise<number>;
  /** Posts it to the webhook, where there is one. Throws `unavailable` unless that took it. */
  post(news: News): Promise<void>;
}

/** Everything the activities of one pipeline work with. */
export interface ActivityDeps {
  pipeline: CompiledPipeline;
  /** By side name. */
  databases: ReadonlyMap<string, BulkDatabase>;
  /** Their ledgers' housekeeping, by side name. */
  ledgers: ReadonlyMap<string, LedgerRetention>;
  upstream: Upstream;
  /** With the workers' data converter. */
  client: Client;
  /** Events of the pipeline that have a workflow of their own under way, and those of them that wait for another row. */
  countOpen: () => Promise<{ running: number; waiting: number }>;
  /** Whether an event of the entity that was started before (milliseconds since the epoch) is open and waits for no other row. */
  anyOpen: (entity: string, before: number) => Promise<boolean>;
  records: RecordSource;
  deadLetterTopic: DeadLetterTopic;
  /** Null only where the pipeline publishes nothing. */
  bus: EventBus | null;
  /** For the code of the pipeline. */
  tools: Tools;
  alerts: Alerts;
  pauses: Pick<Pauses, 'open' | 'isOpen' | 'holds' | 'start'>;
  fuse: Fuse;
  /** Longest time between two trials of what is paused, milliseconds. */
  trialMaxMs: number;
  streams: Streams;
  /** Of sides whose log cannot be read. */
  polling: PollingLimits;
  /** Of the workflows that are started here. */
  limits: RetryLimits;
  observer: SyncObserver;
  /** `SYNC_MAX_CLOCK_SKEW_SECONDS`. */
  maxClockSkewSeconds: number;
}
