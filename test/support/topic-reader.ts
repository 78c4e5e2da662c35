import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import { eventually } from './eventually.ts';

export interface ReadRecord {
  topic: string;
  key: Record<string, unknown> | null;
  value: Record<string, never> | null;
  headers: Record<string, string>;
}

export interface TopicReader extends AsyncDisposable {
  /** Everything read so far, in the order of arrival. */
  readonly records: readonly ReadRecord[];
  /** Waits until everything that is in the topics now has been read. */
  catchUp(): Promise<void>;
}

const parsed = (bytes: Buffer | null) => (bytes === null ? null : JSON.parse(bytes.toString()));

/** Reads topics from their beginning, as a group of its own. */
export async function readTopics(kafka: Kafka, topics: string[]): Promise<TopicReader> {
  const records: ReadRecord[] = [];
  const next = new Map<string, bigint>();
  const groupId = `test-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200 });
  const admin = kafka.admin();
  await admin.connect();
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      next.set(`${topic}/${partition}`, BigInt(message.offset) + 1n);
      records.push({
        topic,
        key: parsed(message.key),
        value: parsed(message.value),
        headers: Object.fromEntries(
          Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
        ),
      });
    },
  });
  return {
    records,
    async catchUp() {
      for (const topic of topics)
        for (const { partition, high } of await admin.fetchTopicOffsets(topic))
          await eventually(`the end of ${topic}/${partition}`, () => {
            return (next.get(`${topic}/${partition}`) ?? 0n) >= BigInt(high);
          });
    },
    async [Symbol.asyncDispose]() {
      await consumer.disconnect();
      await admin.disconnect();
    },
  };
}
