import type { Kafka } from 'kafkajs';
import pRetry from 'p-retry';
import type { FeedRecord } from '../change-feed.ts';

/**
 * A group nobody is in: its offsets are how far the group had read when it was rewound. Records before that come again on
 * purpose, for a target that may have lost what they did, so even an event that Temporal knows as completed runs again.
 * Kafka keeps the offsets as long as it keeps those of a group that went away (`offsets.retention.minutes`).
 */
export const rewoundGroup = (groupId: string): string => `${groupId}.rewound`;

/** The group cannot be rewound now; the message says what to do. */
export class NotRewound extends Error {
  override readonly name = 'NotRewound';
}

export interface RewoundPartition {
  topic: string;
  partition: number;
  /** The next record that is read. */
  from: string;
  /** What was the next before. */
  before: string;
}

type Offsets = Map<string, { topic: string; partition: number; offset: string }>;

/**
 * Sets a group back to the first records that Kafka took at that time or later, and notes how far it had read, before it
 * does. Never forward, and a partition nobody has read yet stays at its beginning. Returns the partitions that moved.
 * Throws `NotRewound` while a member is in the group, or where it never read anything.
 */
export async function rewindGroup(
  kafka: Kafka,
  { groupId, topics, to }: { groupId: string; topics: readonly string[]; to: Date },
): Promise<RewoundPartition[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { groups } = await admin.describeGroups([groupId]);
    const members = groups[0]?.members.length ?? 0;
    if (members > 0)
      throw new NotRewound(`${members} processes read as ${groupId}: stop ingest of this side first`);
    const read = async (group: string): Promise<Offsets> => {
      const answer = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
      return new Map(
        answer.flatMap(({ topic, partitions }) =>
          partitions
            .filter(({ offset }) => BigInt(offset) >= 0n)
            .map(({ partition, offset }) => [`${topic}/${partition}`, { topic, partition, offset }] as const),
        ),
      );
    };
    const committed = await read(groupId);
    if (committed.size === 0) throw new NotRewound(`group ${groupId} has read nothing yet`);
    const moved = (await Promise.all(topics.map((topic) => offsetsAt(topic)))).flat();
    if (moved.length === 0) return [];
    const marks = await read(rewoundGroup(groupId));
    const later = (a: string, b: string | undefined) => (b !== undefined && BigInt(b) > BigInt(a) ? b : a);
    const noted = [...committed.values()].map(({ topic, partition, offset }) => ({
      topic,
      partition,
      offset: later(offset, marks.get(`${topic}/${partition}`)?.offset),
    }));
    // Noted first: a rewind that is cut off here does nothing.
    await commitAlone(kafka, rewoundGroup(groupId), topics, noted);
    const back = moved.map(({ topic, partition, from: offset }) => ({ topic, partition, offset }));
    await commitAlone(kafka, groupId, topics, back);
    return moved;

    async function offsetsAt(topic: string): Promise<RewoundPartition[]> {
      return (await admin.fetchTopicOffsetsByTimestamp(topic, to.getTime())).flatMap(
        ({ partition, offset: from }) => {
          const before = committed.get(`${topic}/${partition}`)?.offset;
          return before !== undefined && BigInt(from) < BigInt(before)
            ? [{ topic, partition, from, before }]
            : [];
        },
      );
    }
  } finally {
    await admin.disconnect();
  }
}

/** Commits as the only member of the group; throws `NotRewound` when another one comes meanwhile. */
export async function commitAlone(
  kafka: Kafka,
  groupId: string,
  topics: readonly string[],
  offsets: readonly { topic: string; partition: number; offset: string }[],
): Promise<void> {
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 500,
    retry: { restartOnFailure: () => Promise.resolve(false) },
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    let assigned: Record<string, number[]> = {};
    let crash: Error | null = null as Error | null;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      crash = payload.error;
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      assigned = payload.memberAssignment;
    });
    // Returns once it has joined; a disconnect before that would leave it behind, to join again by itself.
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: () => Promise.resolve(),
    });
    if (crash !== null) throw crash;
    if (!offsets.every(({ topic, partition }) => assigned[topic]?.includes(partition)))
      throw new NotRewound(`another process has begun to read as ${groupId}: stop ingest of this side first`);
    await consumer.commitOffsets([...offsets]);
  } finally {
    await consumer.disconnect();
  }
}

/** How long an answer is believed, milliseconds. To be rewound, a group has to be left and joined again: longer. */
const believedMs = 1000;

/** Tells which records come again on purpose. Asked only for those whose event has completed, so it costs little. */
export class RewindMarks {
  readonly #kafka: Kafka;
  readonly #groupId: string;
  readonly #topics: readonly string[];
  #known: { at: number; marks: Promise<ReadonlyMap<string, bigint>> } | null = null;

  constructor(kafka: Kafka, groupId: string, topics: readonly string[]) {
    this.#kafka = kafka;
    this.#groupId = rewoundGroup(groupId);
    this.#topics = topics;
  }

  /** Waits without limit for Kafka, as a wrong answer would lose the record's change; rejects with the signal's reason. */
  async cover(
    { topic, partition, offset }: Pick<FeedRecord, 'topic' | 'partition' | 'offset'>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const marks = await pRetry(() => this.#marks(), {
      retries: Infinity,
      minTimeout: 200,
      maxTimeout: 5000,
      signal,
    });
    return BigInt(offset) < (marks.get(`${topic}/${partition}`) ?? 0n);
  }

  #marks(): Promise<ReadonlyMap<string, bigint>> {
    if (this.#known !== null && Date.now() - this.#known.at < believedMs) return this.#known.marks;
    const marks = this.#read();
    this.#known = { at: Date.now(), marks };
    marks.catch(() => {
      this.#known = null;
    });
    return marks;
  }

  async #read(): Promise<ReadonlyMap<string, bigint>> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      const answer = await admin.fetchOffsets({ groupId: this.#groupId, topics: [...this.#topics] });
      return new Map(
        answer.flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }) => [`${topic}/${partition}`, BigInt(offset)] as const),
        ),
      );
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }
}
