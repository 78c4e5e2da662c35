import type { ChangeEvent } from '../change/event.ts';
import type { ErrorClass } from '../errors/error-class.ts';
import type { CompiledTable } from '../pipeline/route.ts';
import type { FeedRecord, PartitionLag } from './change-feed.ts';

/** Which of the loop's layers recognised Tandem's own write. */
export type EchoLayer = 'origin' | 'source';

/** Why a record was passed over without a workflow. */
export type SkipReason = 'tombstone' | 'ignored' | 'not_captured';

/** What can be told of an event, and of a hint as well. */
export type StartedEvent = Pick<ChangeEvent, 'event_id' | 'entity_type' | 'primary_key' | 'source'>;

/** Of a hint only these are known. */
export type BroughtEvent = StartedEvent & Partial<Pick<ChangeEvent, 'operation'>>;

/** What ingest tells of itself; metrics, traces and logs are made of it elsewhere. No call may throw, none carries a row value. */
export interface IngestObserver {
  /** A batch of this many records came. */
  batchRead(records: number): void;
  /** The event's record is in hand and Temporal does not hold it yet. Again after each redelivery. */
  taken(record: FeedRecord, table: CompiledTable, event: Pick<ChangeEvent, 'timestamp'>): void;
  /** Does what brings an event to Temporal, or the batch that begins with it; its end is that of the work. */
  during<T>(records: readonly FeedRecord[], event: BroughtEvent, work: () => Promise<T>): Promise<T>;
  /** The record is no longer in hand: Temporal holds it, it needs nothing, or it went back to the feed. */
  released(record: FeedRecord): void;
  /** Temporal holds the event's workflow. `repeated`: it told that the event had completed before. */
  started(event: StartedEvent, repeated: boolean): void;
  echoDropped(layer: EchoLayer, table: CompiledTable, record: FeedRecord): void;
  /** A table was truncated, which is not applied. */
  truncated(table: CompiledTable, record: FeedRecord): void;
  skipped(reason: SkipReason, record: FeedRecord, detail: string): void;
  /** A dead letter was opened instead of a sync. */
  deadRecord(record: FeedRecord, errorClass: ErrorClass, message: string): void;
  /** Temporal did not take a start; it is tried again without limit. `code` is a gRPC status name. */
  startDelayed(workflowId: string, attempt: number, code: string): void;
  /** The in-flight limit was reached (true) or has eased (false). */
  paused(paused: boolean, inFlight: number): void;
  /** So many events wait for other rows that those that might are not read (true), or no longer (false). */
  crowded(crowded: boolean, waiting: number): void;
  /** These topics, and no others, are not read because of pauses. */
  topicsPaused(topics: readonly string[]): void;
  /** Every partition this process reads now; one no longer named belongs to another process. */
  lag(partitions: readonly PartitionLag[]): void;
}
