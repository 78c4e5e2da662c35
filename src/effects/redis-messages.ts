import { createClient } from '@redis/client';

/** A message as it stands in a stream. */
export interface StoredMessage {
  id: string;
  type: string;
  data: Readonly<Record<string, unknown>>;
}

/** Everything that stands in a stream, oldest first. */
export async function redisMessages(url: string, topic: string): Promise<StoredMessage[]> {
  const client = createClient({ url });
  await client.connect();
  try {
    const entries = await client.xRange(topic, '-', '+');
    return (entries ?? []).map(({ message }) => JSON.parse(message['data']!) as StoredMessage);
  } finally {
    client.destroy();
  }
}
