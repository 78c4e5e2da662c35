import { createClient } from '@redis/client';
import { SyncError } from '../errors/sync-error.ts';
import { cloudEvent } from './cloud-event.ts';
import type { EventBus, Message } from './event-bus.ts';
import { busPatienceMs, withinPatience } from './patience.ts';

export interface RedisStreamsOptions {
  url: string;
  pubsubName: string;
  /** The connection was lost, or does not come to be. */
  onTrouble: (error: Error) => void;
}

/**
 * Redis Streams, one per topic, in the form that Dapr's `pubsub.redis` component writes: the envelope in the field `data`.
 * Connects at the first message; the client connects again by itself. Streams are not trimmed.
 */
export class RedisStreams implements EventBus {
  readonly #options: RedisStreamsOptions;
  readonly #client;
  #connected: Promise<unknown> | null = null;
  /** Why there is no connection; null while there is one. */
  #trouble: Error | null = null;

  constructor(options: RedisStreamsOptions) {
    this.#options = options;
    this.#client = createClient({
      url: options.url,
      // What cannot be sent now is tried again by its activity, not sent twice.
      disableOfflineQueue: true,
      socket: {
        connectTimeout: busPatienceMs,
        reconnectStrategy: (tries) => Math.min(100 * 2 ** tries, 2000),
      },
    });
    // Every try to connect fails anew: told once.
    this.#client.on('error', (error: Error) => {
      if (this.#trouble === null) this.#options.onTrouble(error);
      this.#trouble = error;
    });
    this.#client.on('ready', () => {
      this.#trouble = null;
    });
  }

  publish(message: Message): Promise<void> {
    const { topic } = message;
    const data = JSON.stringify(cloudEvent(message, this.#options.pubsubName));
    return this.#ask(`take a message for ${topic}`, () => this.#client.xAdd(topic, '*', { data }));
  }

  ping(): Promise<void> {
    return this.#ask('answer', () => this.#client.ping());
  }

  async close(): Promise<void> {
    if (this.#connected === null) return;
    if (this.#client.isReady) await this.#client.close();
    else this.#client.destroy();
  }

  async #ask(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      // The client connects again by itself: whoever asks holds a row's lock, and does not wait for it.
      if (this.#connected !== null && this.#trouble !== null) throw this.#trouble;
      await withinPatience((this.#connected ??= this.#connect()));
      await withinPatience(work());
    } catch (error) {
      const why = this.#trouble ?? (error as Error);
      throw new SyncError('unavailable', `Redis does not ${what}: ${why.message}`, { cause: error });
    }
  }

  /** A server that is away is waited for; one that refuses is asked anew at the next message. */
  async #connect(): Promise<void> {
    try {
      await this.#client.connect();
    } catch (error) {
      this.#connected = null;
      if (this.#client.isOpen) this.#client.destroy();
      throw error;
    }
  }
}
