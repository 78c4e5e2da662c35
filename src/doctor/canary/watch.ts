import { randomUUID } from 'node:crypto';
import type { Admin, Kafka } from 'kafkajs';
import { feedRecord } from '../../ingest/kafka/feed-record.ts';
import { readerGroupPrefix } from '../../ingest/kafka/read-record.ts';
import type { FeedRecord } from '../../ingest/change-feed.ts';

/** Gives every record that comes into existing topics from now on; `stop` leaves no group behind. */
export async function watchTopics(
  kafka: Kafka,
  admin: Admin,
  topics: readonly string[],
  onRecord: (record: FeedRecord) => void,
): Promise<{ stop(): Promise<void> }> {
  const groupId = `${readerGroupPrefix}${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200, allowAutoTopicCreation: false });
  const stop = async () => {
    await consumer.disconnect().catch(() => {});
    await admin.deleteGroups([groupId]).catch(() => {});
  };
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    const ends = await Promise.all(
      topics.map(async (topic) => ({ topic, partitions: await admin.fetchTopicOffsets(topic) })),
    );
    const running = consumer.run({
      autoCommit: false,
      eachMessage: ({ topic, partition, message }) => {
        onRecord(feedRecord({ topic, partition, highWatermark: message.offset }, message));
        return Promise.resolve();
      },
    });
    // `run` has made the group by now and not yet fetched, so that the first fetch is the right one.
    for (const { topic, partitions } of ends)
      for (const { partition, high } of partitions) consumer.seek({ topic, partition, offset: high });
    await running;
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
