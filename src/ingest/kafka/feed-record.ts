import type { Batch, KafkaMessage } from 'kafkajs';
import type { FeedRecord } from '../change-feed.ts';

export function feedRecord(
  { topic, partition, highWatermark }: Pick<Batch, 'topic' | 'partition' | 'highWatermark'>,
  message: KafkaMessage,
): FeedRecord {
  const headers = Object.entries(message.headers ?? {}).flatMap(([name, value]) => {
    const last = Array.isArray(value) ? value.at(-1) : value;
    return last === undefined ? [] : [[name, last.toString()] as const];
  });
  return {
    topic,
    partition,
    offset: message.offset,
    key: message.key,
    value: message.value,
    headers: Object.fromEntries(headers),
    timestamp: Number(message.timestamp),
    followers: Math.max(0, Number(highWatermark) - Number(message.offset) - 1),
  };
}
