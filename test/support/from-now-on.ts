import type { Kafka } from 'kafkajs';
import { commitAlone } from '../../src/ingest/kafka/rewind.ts';

/** A new group would begin with what every earlier test wrote. */
export async function fromNowOn(kafka: Kafka, groupId: string, ...topics: string[]): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ends = topics.map(async (topic) =>
      (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({
        topic,
        partition,
        offset: high,
      })),
    );
    // kafkajs' own `setOffsets` fetches first, which takes five seconds for each topic.
    await commitAlone(kafka, groupId, topics, (await Promise.all(ends)).flat());
  } finally {
    await admin.disconnect();
  }
}
