import { afterEach, expect, test } from '@jest/globals';
import { SyncError } from '../../src/errors/sync-error.ts';
import { eventually } from '../support/eventually.ts';
import { builder, closeCaches, freshKey, never, openCache, redis, seconds } from '../support/redis-caches.ts';

afterEach(closeCaches);

test('a value is built once, is found by every process, and is gone after its time', async () => {
  const [one, other] = [openCache(), openCache()];
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
  const caches = [openCache(), openCache()];
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
  const cache = openCache();
  const told = elsewhere ? openCache() : cache;
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
  expect(await openCache().through(key, 60, never)).toBe('new');
});

test('what was built before Redis forgot everything is not kept', async () => {
  const cache = openCache();
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
  const cache = openCache();
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
  const [one, other] = [openCache(), openCache()];
  const key = freshKey();
  await put(await redis(), key);
  const { build, begun, count } = builder({ value: 2 });
  const asked = [one, other].map((cache) => cache.through(key, 60, build));
  await count(1);
  begun[0]!.end();
  expect(await Promise.all(asked)).toEqual([2, 2]);
  expect(begun).toHaveLength(1);
  expect(await openCache().through(key, 60, never)).toBe(2);
});

test('a build that fails fails whoever waits for it, and the next one builds at once, in any process', async () => {
  const [one, other] = [openCache(), openCache()];
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
  const cache = openCache();
  const key = freshKey();
  await expect(cache.through(key, 60, async () => undefined)).rejects.toMatchObject({ errorClass: 'bug' });
  await expect(cache.through(key, 60, async () => 1n)).rejects.toThrow(TypeError);
  expect(await openCache().through(key, 60, async () => 4)).toBe(4);
});

test('a process that dies as it builds holds up the others for some seconds only', async () => {
  const [dying, other] = [openCache(), openCache()];
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
  const [first, other] = [openCache(), openCache()];
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
  expect(await openCache().through(key, 60, async () => 7)).toBe(7);
  expect(seconds(from)).toBeLessThan(12);
  expect(await openCache().through(key, 60, never)).toBe(7);
  expect(await (await redis()).get(`${key}:lease`)).toBe('somebody');
});
