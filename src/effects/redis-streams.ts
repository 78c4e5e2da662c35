import { createClient } from '@redis/client';
import { SyncError } from '../errors/sync-error.ts';
import { cloudEvent } from './cloud-event.ts';
import type { EventBus, Message } from './event-bus.ts';

export interface RedisStreamsOptions {
  url: string;
  pubsubName: string;
  /** The connection was lost, or does not come to be. */
  onTrouble: (error: Error) => void;
}

/** Milliseconds after which a server that does not answer counts as away. */
const patienceMs = 5000;

/**
 * Redis Streams, one per topic, in the form that Dapr's `pubsub.redis` component writes: the envelope in the field `data`.
 * Connects at the first message; the client connects again by itself. Streams are not trimmed.
 */
export class RedisStreams implements EventBus {
  readonly #options: RedisStreamsOptions;
  readonly #client;
  #connected: Promise<unknown> | null = null;
  #troubled = false;

  constructor(options: RedisStreamsOptions) {
    this.#options = options;
    this.#client = createClient({
      url: options.url,
      // What cannot be sent now is tried again by its activity, not sent twice.
      disableOfflineQueue: true,
      commandOptions: { timeout: patienceMs },
      socket: { connectTimeout: patienceMs, reconnectStrategy: (tries) => Math.min(100 * 2 ** tries, 2000) },
    });
    // Every try to connect fails anew: told once.
    this.#client.on('error', (error: Error) => {
      if (!this.#troubled) this.#options.onTrouble(error);
      this.#troubled = true;
    });
    this.#client.on('ready', () => {
      this.#troubled = false;
    });
  }

  async publish(message: Message): Promise<void> {
    const { topic } = message;
    try {
      await this.#ready();
      await this.#client.xAdd(topic, '*', {
        data: JSON.stringify(cloudEvent(message, this.#options.pubsubName)),
      });
    } catch (error) {
      throw new SyncError('unavailable', `Redis does not take a message for ${topic}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    if (this.#connected === null) return;
    if (this.#client.isReady) await this.#client.close();
    else this.#client.destroy();
  }

  async #ready(): Promise<void> {
    this.#connected ??= this.#client.connect();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no connection')), patienceMs);
    });
    try {
      await Promise.race([this.#connected, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
