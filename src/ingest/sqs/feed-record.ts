import type { Message } from '@aws-sdk/client-sqs';
import type { FeedRecord } from '../change-feed.ts';

/** `followers`: messages that were visible when the queue was last asked. */
export function feedRecord(queue: string, message: Message, followers: number): FeedRecord {
  const { MessageId: id, Body: body, Attributes: system, MessageAttributes: attributes = {} } = message;
  const headers = Object.entries(attributes).flatMap(([name, { StringValue: text }]) =>
    text === undefined ? [] : [[name, text] as const],
  );
  return {
    topic: queue,
    partition: 0,
    offset: id ?? '',
    key: null,
    value: Buffer.from(body ?? ''),
    headers: Object.fromEntries(headers),
    timestamp: Number(system?.SentTimestamp ?? Date.now()),
    followers,
  };
}
