import { createClient } from '@redis/client';
import { RedisCache } from '../../src/effects/redis-cache.ts';
import type { CacheRead } from '../../src/effects/redis-cache.ts';
import { redisOptions } from '../../src/effects/redis-connection.ts';
import { redisServer } from '../../src/process/config/redis.ts';
import { loadSettings } from '../../src/process/config/settings.ts';
import { eventually } from './eventually.ts';
import { gate } from './gate.ts';
import { testEnvironment } from './pipeline-system.ts';
import { Proxy } from './proxy.ts';
import { testAddresses } from './test-stack.ts';

const url = () => testAddresses()['REDIS_URL']!;
const server = (at = url()) => redisServer(loadSettings(testEnvironment({ REDIS_URL: at })));
const run = Date.now();
let keys = 0;
/** A key that no test used before. */
export const freshKey = () => `test:${run}:${++keys}`;

const opened: { close(): Promise<void> }[] = [];

/** After each test. */
export async function closeCaches(): Promise<void> {
  await Promise.all(opened.splice(0).map((each) => each.close()));
}

/** A cache of the test stack's Redis, as a process of its own has it, and what it tells. */
export function openCache(at = url()) {
  const reads: CacheRead[] = [];
  const troubles: string[] = [];
  const cache = new RedisCache({
    server: server(at),
    onRead: (read) => reads.push(read),
    onTrouble: ({ message }) => troubles.push(message),
  });
  opened.push(cache);
  return Object.assign(cache, { reads, troubles });
}

/** A client of the server itself, to look and to interfere. */
export async function redis() {
  const client = createClient(redisOptions(server()));
  await client.connect();
  opened.push({ close: () => client.close() });
  return client;
}

/** An open door before the test stack's Redis, and the URL of Redis behind it. */
export async function redisDoor() {
  const { protocol, host } = new URL(url());
  const door = await Proxy.before(host);
  await door.open();
  return Object.assign(door, { url: `${protocol}//${door.address}` });
}

/** A cache, and a door before its Redis. */
export async function behindProxy() {
  const proxy = await redisDoor();
  opened.push({ close: () => proxy.shut() });
  return { proxy, cache: openCache(proxy.url) };
}

/** A build of what `source` holds as it begins; each one can be held. */
export function builder(source: { value: unknown }) {
  const begun: { end: () => void; fail: (error: Error) => void }[] = [];
  const build = async () => {
    const read = source.value;
    const held = gate();
    let failure: Error | null = null;
    begun.push({
      end: () => held.open(),
      fail(error) {
        failure = error;
        held.open();
      },
    });
    await held.opened;
    if (failure) throw failure;
    return read;
  };
  const count = (n: number) => eventually(`${n} builds`, () => begun.length >= n);
  return { build, begun, count };
}

/** For a value that is there. */
export const never = () => Promise.reject(new Error('nothing is to be built'));
/** Since `performance.now()` was `from`. */
export const seconds = (from: number) => (performance.now() - from) / 1000;
