import { createClient } from '@redis/client';
import { cloudEvent } from './cloud-event.ts';
import type { EventBus, Message } from './event-bus.ts';
import { RedisConnection, redisOptions } from './redis-connection.ts';
import type { RedisServer } from './redis-connection.ts';

export interface RedisStreamsOptions {
  server: RedisServer;
  pubsubName: string;
  /** The connection was lost, or does not come to be, or the server does not answer. */
  onTrouble: (error: Error) => void;
}

/**
 * Redis Streams, one per topic, in the form that Dapr's `pubsub.redis` component writes: the envelope in the field `data`.
 * Streams are not trimmed.
 */
export class RedisStreams implements EventBus {
  readonly #pubsubName: string;
  readonly #client;
  readonly #connection: RedisConnection;

  constructor({ server, pubsubName, onTrouble }: RedisStreamsOptions) {
    this.#pubsubName = pubsubName;
    this.#client = createClient(redisOptions(server));
    this.#connection = new RedisConnection(this.#client, onTrouble);
  }

  async publish(message: Message): Promise<void> {
    const { topic } = message;
    const data = JSON.stringify(cloudEvent(message, this.#pubsubName));
    await this.#connection.ask(`take a message for ${topic}`, () => this.#client.xAdd(topic, '*', { data }));
  }

  ping(): Promise<void> {
    return this.#connection.ping();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
