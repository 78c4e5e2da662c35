import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import type { Admin, Kafka } from 'kafkajs';
import { SyncError } from '../../errors/sync-error.ts';
import type { FeedRecord } from '../change-feed.ts';
import { feedRecord } from './feed-record.ts';
import { readerGroupPrefix } from './read-record.ts';

/** What is to be read of a partition: from the first record to the one before `end`. */
interface Span {
  next: bigint;
  end: bigint;
}

export interface TopicReading {
  topic: string;
  /** Reads only what Kafka took since, milliseconds since the epoch; null: everything. */
  since: number | null;
  /** Is told of each record, in the order of its partition. */
  each: (record: FeedRecord) => Promise<void>;
  /** Hears how many of all records are read. */
  progress: (read: number, all: number) => void;
  /** After so long without a record Kafka is taken for away. */
  silenceMs?: number;
}

/**
 * Reads what is in a topic now, as a group of its own, and commits nothing. Throws `SyncError`: `data` where there is no
 * such topic, `unavailable` where Kafka cannot be reached or stops delivering.
 */
export async function readTopic(kafka: Kafka, reading: TopicReading): Promise<void> {
  const { topic } = reading;
  const admin = kafka.admin();
  try {
    await admin.connect();
    if (!(await admin.listTopics()).includes(topic))
      throw new SyncError('data', `there is no topic ${topic}`, { code: 'no_topic' });
    const spans = await spansOf(admin, reading);
    if (spans.size > 0) await readSpans(kafka, admin, reading, spans);
  } catch (error) {
    if (error instanceof SyncError) throw error;
    throw new SyncError('unavailable', `Kafka does not deliver ${topic}`, {
      cause: error,
      code: error instanceof kafkajs.KafkaJSError ? error.name : undefined,
    });
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Of partitions that hold anything to read. */
async function spansOf(admin: Admin, { topic, since }: TopicReading): Promise<Map<number, Span>> {
  const spans = new Map<number, Span>();
  for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
    spans.set(partition, { next: BigInt(low), end: BigInt(high) });
  if (since !== null)
    for (const { partition, offset } of await admin.fetchTopicOffsetsByTimestamp(topic, since))
      spans.get(partition)!.next = BigInt(offset);
  return new Map([...spans].filter(([, { next, end }]) => next < end));
}

async function readSpans(
  kafka: Kafka,
  admin: Admin,
  reading: TopicReading,
  spans: Map<number, Span>,
): Promise<void> {
  const groupId = `${readerGroupPrefix}${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 500, allowAutoTopicCreation: false });
  const { topic, each, progress, silenceMs = 30_000 } = reading;
  const all = [...spans.values()].reduce((sum, { next, end }) => sum + Number(end - next), 0);
  let read = 0;
  let timer: NodeJS.Timeout | undefined;
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const heard = () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          reject(new SyncError('unavailable', `Kafka stopped delivering ${topic}`, { code: 'timeout' }));
        }, silenceMs);
      };
      heard();
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        reject(payload.error);
      });
      const running = consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async (payload) => {
          heard();
          const { batch } = payload;
          const span = spans.get(batch.partition);
          for (const message of batch.messages) {
            payload.resolveOffset(message.offset);
            if (!span || BigInt(message.offset) < span.next || BigInt(message.offset) >= span.end) continue;
            span.next = BigInt(message.offset) + 1n;
            await each(feedRecord(batch, message));
            read++;
          }
          progress(read, all);
          if ([...spans.values()].every(({ next, end }) => next >= end)) resolve();
        },
      });
      // `run` has made the group by now and not yet fetched, so that the first fetch is the right one.
      for (const [partition, { next }] of spans) consumer.seek({ topic, partition, offset: String(next) });
      running.catch(reject);
    });
  } finally {
    clearTimeout(timer);
    await consumer.disconnect().catch(() => {});
    await admin.deleteGroups([groupId]).catch(() => {});
  }
}
