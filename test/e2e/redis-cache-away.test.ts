import { afterEach, expect, test } from '@jest/globals';
import { mostUnderWay } from '../../src/effects/redis-connection.ts';
import { eventually } from '../support/eventually.ts';
import {
  behindProxy,
  builder,
  closeCaches,
  freshKey,
  never,
  openCache,
  redis,
  seconds,
} from '../support/redis-caches.ts';

afterEach(closeCaches);

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
  expect(await openCache().through(key, 60, never)).toBe('newest');
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
  const cache = openCache();
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
