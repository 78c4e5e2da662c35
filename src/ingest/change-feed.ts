/** One captured record, as its feed delivered it and before anybody understood it. */
export interface FeedRecord {
  /** Of a queue its name. */
  topic: string;
  /** Of a queue 0. */
  partition: number;
  /** Of a queue the id of the message. */
  offset: string;
  key: Buffer | null;
  /** Null is a Kafka tombstone. */
  value: Buffer | null;
  /** Header values as text; a header given twice keeps its last value. */
  headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, as the broker keeps it; retention is counted from here, where there is one. */
  timestamp: number;
  /** Records behind it in its partition, as far as the feed knew when it fetched it. */
  followers: number;
}

/**
 * Takes a record over. Resolving says that the record is held durably elsewhere and may be acknowledged.
 * Rejecting with the signal's reason, or with `NotTaken`, says only that it was not: the feed delivers it again, to this
 * process or another.
 * Any other rejection is a defect: the feed stops and reports it through `failed`, since neither going on (a gap) nor
 * trying again (the same defect) is right.
 */
export type RecordHandler = (record: FeedRecord, signal: AbortSignal) => Promise<void>;

/**
 * What a handler gives back without having done anything with it: its topic is not to be read just now. It must not wait
 * instead, since a feed may read nothing else until what it has delivered is settled.
 */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
}

/** Records of one partition that are not acknowledged. */
export interface PartitionLag {
  topic: string;
  partition: number;
  records: number;
}

/** Where a feed stands; everything health and metrics need to know of it. */
export interface FeedPosition {
  /** Records in the assigned partitions that are not acknowledged; null until known. */
  lagRecords: number | null;
  /** When that was last asked of the broker with success, milliseconds since the epoch; null before. */
  lagKnownAt: number | null;
  /** Partitions this process reads now. */
  partitions: number;
  /** Of all processes that read the side, this one has its first partition: what only one of them may do is its to do. */
  leads: boolean;
  /** When a batch last came, milliseconds since the epoch; null before the first. */
  lastBatchAt: number | null;
  /** When a record was last acknowledged, or nothing was left to acknowledge in topics that are read. */
  lastProgressAt: number;
  /** No topic is read now. */
  paused: boolean;
  /** Topics that are not read now. */
  heldTopics: readonly string[];
}

/**
 * Where change events come from, for feeds driven by a process (Kafka, SQS).
 *
 * The feed pushes and the handler's promise is the acknowledgement, rather than `read(cursor)` and `acknowledge(cursor)`:
 * a Kafka consumer may acknowledge only while it owns the partition, and ownership ends at any heartbeat. A cursor handed
 * out could outlive it, and a pulling layer would have to buffer what the batch already holds. Delivery is at least once,
 * in no particular order, and nothing is acknowledged past a record that is not.
 */
export interface ChangeFeed {
  /**
   * Connects and begins to deliver; waits without limit for a server that is away or a topic that does not exist.
   * Returns once deliveries may come, or when `stop` was called meanwhile.
   */
  start(handler: RecordHandler): Promise<void>;
  /**
   * No new records of these topics, or of any, until the same cause lets them go; those under way finish. Causes are
   * apart: a topic is read again once no cause holds it. May be called before `start`.
   */
  pause(cause: string, topics?: readonly string[]): void;
  /** Lets go of these topics, or of all that the cause holds. */
  resume(cause: string, topics?: readonly string[]): void;
  /** No new records; waits for those under way, acknowledges what is finished, leaves. Harmless when called twice. */
  stop(): Promise<void>;
  position(): FeedPosition;
  /** Bytes of a record's value that its dead letter has to hold itself; a larger one can be read again where it lies. */
  readonly heldValueBytes: number;
  /** Settles only when the feed cannot go on by itself: then it rejects, and the process must exit non-zero. */
  readonly failed: Promise<never>;
}
