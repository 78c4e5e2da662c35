import { createClient } from '@redis/client';
import { redisAddress } from './redis-connection.ts';
import type { RedisServer } from './redis-connection.ts';

/** A message as it stands in a stream. */
export interface StoredMessage {
  id: string;
  type: string;
  data: Readonly<Record<string, unknown>>;
}

/** Everything that stands in a stream, oldest first. */
export async function redisMessages(server: RedisServer, topic: string): Promise<StoredMessage[]> {
  const client = createClient(redisAddress(server));
  await client.connect();
  try {
    const entries = await client.xRange(topic, '-', '+');
    return (entries ?? []).map(({ message }) => JSON.parse(message['data']!) as StoredMessage);
  } finally {
    client.destroy();
  }
}
