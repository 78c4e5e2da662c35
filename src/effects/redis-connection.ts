import { isIP } from 'node:net';
import { SyncError } from '../errors/sync-error.ts';
import { tlsFailure } from '../tls/failure.ts';
import type { TlsIdentity } from '../tls/files.ts';
import { busPatienceMs, NoAnswer, withinPatience } from './patience.ts';

/** Commands of one connection that are not answered yet, at most; one more is refused. */
export const mostUnderWay = 1000;

/** Where Redis is, and what its certificate is verified with where the URL begins with `rediss://`. */
export interface RedisServer {
  url: string;
  tls?: TlsIdentity;
}

const tlsSettings = {
  server: 'Redis',
  authority: 'REDIS_TLS_CA_FILE',
  certificate: 'REDIS_TLS_CERT_FILE and REDIS_TLS_KEY_FILE',
};

/** The part of a client's options that says where and how to connect. */
export function redisAddress({ url, tls }: RedisServer) {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'rediss:') return { url };
  const servername = isIP(hostname.replaceAll(/[[\]]/g, '')) === 0 ? { servername: hostname } : {};
  return { url, socket: { tls: true as const, ...tls, ...servername } };
}

/** Without the arguments that Redis quotes of a command it does not know: they are the message that was sent. */
export const saidBy = ({ message }: Error): string =>
  message.startsWith('ERR ') ? message.split(/['"`]/, 1)[0]!.trim() : message;

/** Options of a client that refuses what it cannot send now, finds out that its server hangs, and connects anew by itself. */
export function redisOptions(server: RedisServer) {
  const { url, socket } = redisAddress(server);
  return {
    url,
    // What cannot be sent now is tried again by whoever asked, not sent twice.
    disableOfflineQueue: true,
    commandsQueueMaxLength: mostUnderWay,
    // It tells that a server answers again, and keeps a connection that nobody uses from counting as hung.
    pingInterval: 1000,
    socket: {
      ...socket,
      connectTimeout: busPatienceMs,
      socketTimeout: busPatienceMs,
      reconnectStrategy: (tries: number) => Math.min(100 * 2 ** tries, 2000),
    },
  };
}

/** What a connection needs of a client that was made with `redisOptions`. */
export interface RedisClient {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  ping(): Promise<unknown>;
  close(): Promise<unknown>;
  destroy(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'ready' | 'ping-interval', listener: () => void): RedisClient;
}

/**
 * A client's connection, made when it is first asked for. Once the server is lost, or lets somebody wait for too long, it
 * counts as away until it answers again: nobody waits for it or is sent to it meanwhile.
 */
export class RedisConnection {
  readonly #client: RedisClient;
  readonly #onTrouble: (error: Error) => void;
  #connected: Promise<unknown> | null = null;
  /** Why nobody is sent to the server; null while it answers. */
  #trouble: Error | null = null;

  /** `onTrouble` is told once each time that the server comes to be away. */
  constructor(client: RedisClient, onTrouble: (error: Error) => void) {
    this.#client = client;
    this.#onTrouble = onTrouble;
    // Every try to connect fails anew.
    client.on('error', (error) => this.#away(error));
    const answers = () => {
      this.#trouble = null;
    };
    client.on('ready', answers).on('ping-interval', answers);
  }

  /** Throws `unavailable`, saying that Redis does not do `what`, where it is away or refuses. */
  async ask<T>(what: string, work: () => Promise<T>, patienceMs = busPatienceMs): Promise<T> {
    try {
      // The client connects again by itself: whoever asks may hold a row's lock, and does not wait for it.
      if (this.#connected !== null && this.#trouble !== null) throw this.#trouble;
      await this.#within((this.#connected ??= this.#connect()), patienceMs);
      return await this.#within(work(), patienceMs);
    } catch (error) {
      const why = this.#trouble ?? (error as Error);
      throw new SyncError('unavailable', `Redis does not ${what}: ${saidBy(why)}`, { cause: error });
    }
  }

  async ping(): Promise<void> {
    await this.ask('answer', () => this.#client.ping());
  }

  /** What is under way is answered first, where the server answers. */
  async close(): Promise<void> {
    if (this.#connected === null) return;
    const closed = this.#client.isReady && this.#trouble === null && withinPatience(this.#client.close());
    await Promise.resolve(closed).catch(() => {});
    this.#client.destroy();
  }

  async #within<T>(work: Promise<T>, patienceMs: number): Promise<T> {
    try {
      return await withinPatience(work, patienceMs);
    } catch (error) {
      if (error instanceof NoAnswer) this.#away(error);
      throw error;
    }
  }

  #away(cause: Error): void {
    const refusal = tlsFailure(cause, tlsSettings);
    const error = refusal === null ? cause : new Error(refusal, { cause });
    if (this.#trouble === null) this.#onTrouble(error);
    // That nothing came of it says less than what went wrong on the way.
    if (this.#trouble === null || !(error instanceof NoAnswer)) this.#trouble = error;
  }

  /** A server that is away is waited for; one that refuses is asked anew the next time. */
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
