import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { SyncError } from '../errors/sync-error.ts';
import type { Cache } from '../pipeline/tools.ts';
import { cacheKeys, cacheScripts } from './redis-cache-scripts.ts';
import type { Looked } from './redis-cache-scripts.ts';
import { RedisConnection, redisOptions } from './redis-connection.ts';
import type { RedisServer } from './redis-connection.ts';
import { SingleFlight } from './single-flight.ts';

/** How a value was come by: it was there, it had to be built, or the cache did not answer. */
export type CacheRead = 'hit' | 'miss' | 'away';

export interface RedisCacheOptions {
  server: RedisServer;
  /** The connection was lost, or does not come to be, or the server does not answer. */
  onTrouble: (error: Error) => void;
  onRead: (result: CacheRead) => void;
}

/** Milliseconds that building a value waits for Redis; then Redis counts as away until it answers again. */
const patienceMs = 250;
/** A process that dies as it builds holds up the others for so long. */
const leaseMs = 5000;
/** However often the lease goes from one to the other: after so long a process builds without. */
const waitMs = 6000;
const lookAgainMs = 50;
/** No build takes so long; one that does is not kept. */
const generationMs = 3_600_000;
/** Keys of one DEL. */
const dropped = 500;

/** A miss: what may be built, and whether the lease is this process's. */
type Miss = Exclude<Looked, { value: string }>;
type Build = () => Promise<string>;

/**
 * Values in Redis. Whoever misses one draws its generation, an id that was never there before; a build is kept only while
 * the generation it began in is there. Invalidating takes value, generation and lease away in one step: a build from before
 * is not kept, and whoever asks after that draws another generation and joins no build from before. A Redis that has
 * forgotten a generation keeps nothing built in it.
 *
 * Everybody is given what JSON makes of the value, a copy of one's own, whether it was built or found.
 */
export class RedisCache implements Cache {
  readonly #onRead: (result: CacheRead) => void;
  readonly #client;
  readonly #connection: RedisConnection;
  /** Whose lease it is. */
  readonly #process = randomUUID();
  /** By generation and key. */
  readonly #awaited = new SingleFlight<string>();
  /** By key: builds while Redis is away. */
  readonly #alone = new SingleFlight<string>();

  constructor({ server, onTrouble, onRead }: RedisCacheOptions) {
    this.#onRead = onRead;
    this.#client = createClient({ ...redisOptions(server), scripts: cacheScripts });
    this.#connection = new RedisConnection(this.#client, onTrouble);
  }

  async through<T>(key: string, ttlSeconds: number, build: () => Promise<T>): Promise<T> {
    const text = await this.#through(key, ttlSeconds, async () => asJson(await build()));
    return JSON.parse(text) as T;
  }

  async invalidate(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#alone.leave(key);
    for (let at = 0; at < keys.length; at += dropped) {
      const all = keys.slice(at, at + dropped).flatMap((key) => Object.values(cacheKeys(key)));
      await this.#connection.ask('drop values of the cache', () => this.#client.del(all));
    }
  }

  /** Throws `unavailable` where Redis does not answer. */
  ping(): Promise<void> {
    return this.#connection.ping();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #through(key: string, ttlSeconds: number, build: Build): Promise<string> {
    const seen = await this.#look(key);
    this.#onRead(seen === null ? 'away' : seen.value === null ? 'miss' : 'hit');
    if (seen === null) return this.#alone.join(key, build);
    if (seen.value !== null) return seen.value;
    return this.#awaited.join(`${seen.generation} ${key}`, () =>
      this.#obtain(key, seen, { ttlSeconds, build }),
    );
  }

  /** Builds the value where the lease is this process's, or comes to be; else waits for who holds it. */
  async #obtain(key: string, seen: Miss, how: { ttlSeconds: number; build: Build }): Promise<string> {
    const deadline = performance.now() + waitMs;
    let miss = seen;
    while (!miss.leased && performance.now() < deadline) {
      await delay(lookAgainMs);
      const again = await this.#look(key);
      if (again === null) return this.#alone.join(key, how.build);
      if (again.value !== null) return again.value;
      miss = again;
    }
    return this.#build(key, miss.generation, how);
  }

  async #build(
    key: string,
    generation: string,
    { ttlSeconds, build }: { ttlSeconds: number; build: Build },
  ): Promise<string> {
    const keys = cacheKeys(key);
    const place = [keys, this.#process, generation] as const;
    let text: string;
    try {
      text = await build();
    } catch (error) {
      await this.#unlessAway('free a lease', () => this.#client.free(...place));
      throw error;
    }
    const life = String(Math.max(1, Math.round(ttlSeconds * 1000)));
    await this.#unlessAway('keep a value', () => this.#client.keep(...place, text, life));
    return text;
  }

  /** Null where Redis is away. A value that is no JSON is passed over. */
  async #look(key: string): Promise<Looked | null> {
    const found = await this.#lookOnce(key, '0');
    return found === null || found.value === null || isJson(found.value) ? found : this.#lookOnce(key, '1');
  }

  async #lookOnce(key: string, passOver: '0' | '1'): Promise<Looked | null> {
    const keys = cacheKeys(key);
    const lives = [String(generationMs), String(leaseMs)] as const;
    let waiting = true;
    const found = await this.#unlessAway('read from the cache', async () => {
      const looked = await this.#client.look(keys, this.#process, randomUUID(), ...lives, passOver);
      // It came too late: nobody here builds under this lease.
      if (!waiting && looked.value === null && looked.leased)
        await this.#client.free(keys, this.#process, looked.generation);
      return looked;
    });
    waiting = false;
    return found;
  }

  /** Null where Redis is away or refuses: values are built without it, and what it holds of a build runs out by itself. */
  async #unlessAway<T>(what: string, work: () => Promise<T>): Promise<T | null> {
    try {
      return await this.#connection.ask(what, work, patienceMs);
    } catch {
      return null;
    }
  }
}

function asJson(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new SyncError('bug', 'a value for the cache is nothing that JSON can hold');
  return text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
