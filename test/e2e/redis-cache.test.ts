import { afterEach, expect, test } from '@jest/globals';
import { createClient } from '@redis/client';
import { RedisCache } from '../../src/effects/redis-cache.ts';
import type { CacheRead } from '../../src/effects/redis-cache.ts';
import { mostUnderWay } from '../../src/effects/redis-connection.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { eventually } from '../support/eventually.ts';
import { gate } from '../support/gate.ts';
import { Proxy } from '../support/proxy.ts';
import { testAddresses } from '../support/test-stack.ts';

const url = () => testAddresses()['REDIS_URL']!;
const run = Date.now();
let keys = 0;
const freshKey = () => `test:${run}:${++keys}`;

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

function open(at = url()) {
  const reads: CacheRead[] = [];
  const troubles: string[] = [];
  const cache = new RedisCache({
    url: at,
    onRead: (read) => reads.push(read),
    onTrouble: ({ message }) => troubles.push(message),
  });
  opened.push(cache);
  return Object.assign(cache, { reads, troubles });
}

/** A client of the server itself, to look and to interfere. */
async function redis() {
  const client = createClient({ url: url() });
  await client.connect();
  opened.push({ close: () => client.close() });
  return client;
}

async function behindProxy() {
  const proxy = await Proxy.before(new URL(url()).host);
  await proxy.open();
  opened.push({ close: () => proxy.shut() });
  return { proxy, cache: open(`redis://${proxy.address}`) };
}

/** A build of what `source` holds as it begins; each one can be held. */
function builder(source: { value: unknown }) {
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

const never = () => Promise.reject(new Error('nothing is to be built'));
const seconds = (from: number) => (performance.now() - from) / 1000;

test('a value is built once, is found by every process, and is gone after its time', async () => {
  const [one, other] = [open(), open()];
  const key = freshKey();
  expect(await one.through(key, 0.3, async () => ({ at: new Date(0) }))).toEqual({
    at: '1970-01-01T00:00:00.000Z',
  });
  expect(await other.through(key, 0.3, never)).toEqual({ at: '1970-01-01T00:00:00.000Z' });
  const client = await redis();
  await eventually('the end of its time', async () => (await client.exists(key)) === 0);
  expect(await other.through(key, 60, async () => null)).toBeNull();
  expect(await one.through(key, 60, never)).toBeNull();
  expect([one.reads, other.reads]).toEqual([
    ['miss', 'hit'],
    ['hit', 'miss'],
  ]);
  expect(await client.keys(`${key}*`)).toEqual([key]);
});

test('a hundred that ask at once in two processes cause one build, and each has a copy of its own', async () => {
  const caches = [open(), open()];
  const key = freshKey();
  const { build, begun, count } = builder({ value: { n: 1 } });
  const asked = Array.from({ length: 100 }, (_, at) => caches[at % 2]!.through(key, 60, build));
  await count(1);
  await eventually('every look', () => caches.every(({ reads }) => reads.length === 50));
  begun[0]!.end();
  const values = await Promise.all(asked);
  expect(begun).toHaveLength(1);
  expect(new Set(values).size).toBe(100);
  expect(values.every((value) => (value as { n: number }).n === 1)).toBe(true);
});

test.each([
  ['the same process', false],
  ['another process', true],
])('a build that a change overtakes is not kept; the change is told by %s', async (_, elsewhere) => {
  const cache = open();
  const told = elsewhere ? open() : cache;
  const key = freshKey();
  const source = { value: 'old' };
  const { build, begun, count } = builder(source);
  const early = cache.through(key, 60, build);
  await count(1);
  source.value = 'new';
  await told.invalidate([key]);
  const from = performance.now();
  const late = cache.through(key, 60, build);
  await count(2);
  expect(seconds(from)).toBeLessThan(2);
  begun[0]!.end();
  expect(await early).toBe('old');
  const client = await redis();
  expect(await client.get(key)).toBeNull();
  begun[1]!.end();
  expect(await late).toBe('new');
  expect(await cache.through(key, 60, never)).toBe('new');
  expect(await open().through(key, 60, never)).toBe('new');
});

test('what was built before Redis forgot everything is not kept', async () => {
  const cache = open();
  const key = freshKey();
  const { build, begun, count } = builder({ value: 'old' });
  const early = cache.through(key, 60, build);
  await count(1);
  const client = await redis();
  await client.del(await client.keys(`${key}*`));
  begun[0]!.end();
  expect(await early).toBe('old');
  expect(await client.keys(`${key}*`)).toEqual([]);
});

test('invalidating drops many at once, and what is not there', async () => {
  const cache = open();
  const many = Array.from({ length: 1200 }, freshKey);
  await Promise.all([many[0]!, many[700]!, many[1199]!].map((key) => cache.through(key, 60, async () => 1)));
  await cache.invalidate(many);
  await cache.invalidate([]);
  expect(await (await redis()).exists(many)).toBe(0);
});

test.each([
  ['no JSON', (client: Awaited<ReturnType<typeof redis>>, key: string) => client.set(key, '{"n":')],
  ['another type', (client: Awaited<ReturnType<typeof redis>>, key: string) => client.lPush(key, '1')],
])('%s under a key counts as absent and is replaced', async (_, put) => {
  const [one, other] = [open(), open()];
  const key = freshKey();
  await put(await redis(), key);
  const { build, begun, count } = builder({ value: 2 });
  const asked = [one, other].map((cache) => cache.through(key, 60, build));
  await count(1);
  begun[0]!.end();
  expect(await Promise.all(asked)).toEqual([2, 2]);
  expect(begun).toHaveLength(1);
  expect(await open().through(key, 60, never)).toBe(2);
});

test('a build that fails fails whoever waits for it, and the next one builds at once, in any process', async () => {
  const [one, other] = [open(), open()];
  const key = freshKey();
  const { build, begun, count } = builder({ value: 3 });
  const failing = [one.through(key, 60, build), one.through(key, 60, build)].map((asked) =>
    asked.catch((error: unknown) => error),
  );
  await count(1);
  await eventually('both looks', () => one.reads.length === 2);
  const waiting = other.through(key, 60, build);
  await eventually('its look', () => other.reads.length === 1);
  const failure = new SyncError('unavailable', 'no rows today');
  const from = performance.now();
  begun[0]!.fail(failure);
  expect(await Promise.all(failing)).toEqual([failure, failure]);
  await count(2);
  expect(seconds(from)).toBeLessThan(2);
  begun[1]!.end();
  expect(await waiting).toBe(3);
  expect(begun).toHaveLength(2);
});

test('what JSON cannot hold is a defect, and holds up nobody', async () => {
  const cache = open();
  const key = freshKey();
  await expect(cache.through(key, 60, async () => undefined)).rejects.toMatchObject({ errorClass: 'bug' });
  await expect(cache.through(key, 60, async () => 1n)).rejects.toThrow(TypeError);
  expect(await open().through(key, 60, async () => 4)).toBe(4);
});

test('a process that dies as it builds holds up the others for some seconds only', async () => {
  const [dying, other] = [open(), open()];
  const key = freshKey();
  const { build, begun, count } = builder({ value: 5 });
  const lost = dying.through(key, 60, build);
  await count(1);
  const from = performance.now();
  expect(await other.through(key, 60, async () => 6)).toBe(6);
  expect(seconds(from)).toBeGreaterThan(3);
  expect(seconds(from)).toBeLessThan(10);
  begun[0]!.end();
  expect(await lost).toBe(5);
});

test('a lease that comes to a process in which others wait already is used at once', async () => {
  const [first, other] = [open(), open()];
  const key = freshKey();
  const { build, begun, count } = builder({ value: 8 });
  const held = first.through(key, 60, build);
  await count(1);
  const waiting = other.through(key, 60, build);
  await eventually('its look', () => other.reads.length === 1);
  const from = performance.now();
  await (await redis()).del(`${key}:lease`);
  const joining = other.through(key, 60, build);
  await count(2);
  expect(seconds(from)).toBeLessThan(2);
  begun.forEach(({ end }) => end());
  expect(await Promise.all([held, waiting, joining])).toEqual([8, 8, 8]);
});

test('a lease that never ends is waited for some seconds only', async () => {
  const key = freshKey();
  await (await redis()).set(`${key}:lease`, 'somebody');
  const from = performance.now();
  expect(await open().through(key, 60, async () => 7)).toBe(7);
  expect(seconds(from)).toBeLessThan(12);
  expect(await open().through(key, 60, never)).toBe(7);
  expect(await (await redis()).get(`${key}:lease`)).toBe('somebody');
});

test('while Redis is shut values are built, at once and together, and nothing can be invalidated', async () => {
  const { proxy, cache } = await behindProxy();
  const key = freshKey();
  const source = { value: 'old' };
  const { build, begun, count } = builder(source);
  expect(await cache.through(key, 60, async () => 'older')).toBe('older');
  await proxy.shut();
  await expect(cache.invalidate([key])).rejects.toMatchObject({ errorClass: 'unavailable' });

  const from = performance.now();
  const asked = Array.from({ length: 50 }, () => cache.through(key, 60, build));
  await eventually('every look', () => cache.reads.length === 51);
  begun[0]!.end();
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['old']));
  expect(seconds(from)).toBeLessThan(2);
  expect(begun).toHaveLength(1);
  expect(new Set(cache.reads.slice(1))).toEqual(new Set(['away']));

  const early = cache.through(key, 60, build);
  await count(2);
  source.value = 'new';
  await expect(cache.invalidate([key])).rejects.toMatchObject({ errorClass: 'unavailable' });
  const late = cache.through(key, 60, build);
  await count(3);
  begun.forEach(({ end }) => end());
  expect([await early, await late]).toEqual(['old', 'new']);
  expect(cache.troubles).toHaveLength(1);

  await proxy.open();
  await eventually('the invalidation', () => cache.invalidate([key]).then(() => true));
  expect(await cache.through(key, 60, async () => 'newest')).toBe('newest');
  expect(await open().through(key, 60, never)).toBe('newest');
});

test('a Redis that is away from the start is done without as well', async () => {
  const { proxy, cache } = await behindProxy();
  await proxy.shut();
  const from = performance.now();
  expect(await cache.through(freshKey(), 60, async () => 1)).toBe(1);
  expect(seconds(from)).toBeLessThan(2);
  await expect(cache.ping()).rejects.toMatchObject({ errorClass: 'unavailable' });
  await proxy.open();
  await eventually('Redis', () => cache.ping().then(() => true));
});

test.each([
  ['that answered before', true],
  ['that never answered', false],
])('a Redis %s and hangs is waited for once, and asked nothing until it answers', async (_, before) => {
  const { proxy, cache } = await behindProxy();
  if (before) await cache.through(freshKey(), 60, async () => 0);
  proxy.hang();
  const from = performance.now();
  expect(await cache.through(freshKey(), 60, async () => 1)).toBe(1);
  expect(seconds(from)).toBeLessThan(1);
  const waited = performance.now();
  for (let at = 0; at < 100; at++) expect(await cache.through(freshKey(), 60, async () => at)).toBe(at);
  expect(seconds(waited)).toBeLessThan(0.25);
  await expect(cache.invalidate([freshKey()])).rejects.toThrow(
    'Redis does not drop values of the cache: no answer within 250 ms',
  );
  expect(cache.troubles).toEqual(['no answer within 250 ms']);
  proxy.answer();
  await eventually('Redis', () => cache.ping().then(() => true));
  const key = freshKey();
  await eventually('a value that is kept', async () => {
    await cache.through(key, 60, async () => 2);
    return cache.reads.at(-1) === 'hit';
  });
});

test('a Redis that hangs for good is connected to anew', async () => {
  const { proxy, cache } = await behindProxy();
  await cache.ping();
  proxy.hang();
  const key = freshKey();
  await cache.through(key, 60, async () => 1);
  await eventually('another connection', () => proxy.accepted > 1);
  expect(cache.troubles).toHaveLength(1);
  proxy.answer();
  await eventually('the invalidation', () => cache.invalidate([key]).then(() => true));
});

test('a connection that nobody uses is kept', async () => {
  const cache = open();
  await cache.ping();
  const client = await redis();
  await eventually(
    'an old connection',
    async () => (await client.clientList()).some(({ cmd, age }) => cmd === 'ping' && age >= 7),
    15_000,
  );
  expect(cache.troubles).toEqual([]);
});

test('what is sent to a Redis that hangs is bounded, and who is refused builds', async () => {
  const { proxy, cache } = await behindProxy();
  await cache.ping();
  proxy.hang();
  const asked = Array.from({ length: 5000 }, freshKey);
  await Promise.all(asked.map((key) => cache.through(key, 60, async () => 1)));
  expect(cache.reads).toEqual(asked.map(() => 'away'));
  proxy.answer();
  await eventually('what was sent', () => cache.ping().then(() => true));
  const sent = await (await redis()).exists(asked.map((key) => `${key}:generation`));
  expect(sent).toBeGreaterThan(0);
  expect(sent).toBeLessThanOrEqual(mostUnderWay);
});

test('a lease that comes after its asker has given up is given back', async () => {
  const { proxy, cache } = await behindProxy();
  await cache.ping();
  const key = freshKey();
  proxy.hang();
  expect(await cache.through(key, 60, async () => 1)).toBe(1);
  proxy.answer();
  const client = await redis();
  await eventually('the late look', async () => (await client.exists(`${key}:generation`)) === 1);
  await eventually('no lease', async () => (await client.exists(`${key}:lease`)) === 0, 2000);
});
