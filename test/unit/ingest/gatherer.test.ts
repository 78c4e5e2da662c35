import { expect, test } from '@jest/globals';
import { Gatherer } from '../../../src/ingest/gatherer.ts';
import type { GathererOptions } from '../../../src/ingest/gatherer.ts';

/** Batches are taken when the test says so. */
function gathering(own: Partial<GathererOptions<number>> = {}) {
  const taken: { items: readonly number[]; resolve: () => void; reject: (error: Error) => void }[] = [];
  const gatherer = new Gatherer<number>({
    mostItems: 3,
    mostBytes: 100,
    waitMs: 50,
    mostWaitMs: 10_000,
    isReady: () => true,
    take: (items) => new Promise((resolve, reject) => void taken.push({ items, resolve, reject })),
    ...own,
  });
  return { gatherer, taken, items: () => taken.map(({ items }) => items) };
}

test('a batch is taken when it has enough items, each name by itself and in order', async () => {
  const { gatherer, taken, items } = gathering();
  const all = [1, 2, 3].flatMap((n) => [gatherer.add('a', n, 1), gatherer.add('b', n * 10, 1)]);
  expect(items()).toEqual([
    [1, 2, 3],
    [10, 20, 30],
  ]);
  taken.forEach(({ resolve }) => resolve());
  await Promise.all(all);
});

test('an item that would make a batch too large begins the next one', () => {
  const { gatherer, items } = gathering();
  for (const [n, bytes] of [
    [1, 60],
    [2, 30],
    [3, 20],
  ] as const)
    void gatherer.add('a', n, bytes);
  expect(items()).toEqual([[1, 2]]);
});

test('a batch that does not fill is taken after a while', async () => {
  const { gatherer, taken, items } = gathering({ waitMs: 1 });
  const added = gatherer.add('a', 1, 1);
  while (taken.length === 0) await new Promise(setImmediate);
  expect(items()).toEqual([[1]]);
  taken[0]!.resolve();
  await added;
});

test('a batch that could not begin yet fills on, until it is full, can begin, or has waited for long', async () => {
  let ready = false;
  const { gatherer, taken, items } = gathering({ waitMs: 1, isReady: () => ready });
  const asked = () => new Promise((resolve) => setTimeout(resolve, 5));
  for (const n of [1, 2]) void gatherer.add('a', n, 1);
  await asked();
  expect(items()).toEqual([]);
  void gatherer.add('a', 3, 1);
  expect(items()).toEqual([[1, 2, 3]]);
  void gatherer.add('a', 4, 1);
  await asked();
  ready = true;
  while (taken.length === 1) await new Promise(setImmediate);
  expect(items().at(-1)).toEqual([4]);
  const patient = gathering({ waitMs: 1, mostWaitMs: 20, isReady: () => false });
  void patient.gatherer.add('a', 5, 1);
  while (patient.taken.length === 0) await new Promise(setImmediate);
  expect(patient.items()).toEqual([[5]]);
});

test('what befalls a batch befalls each of its items', async () => {
  const { gatherer, taken } = gathering({ mostItems: 2 });
  const both = [gatherer.add('a', 1, 1), gatherer.add('a', 2, 1)];
  taken[0]!.reject(new Error('not held'));
  for (const each of both) await expect(each).rejects.toThrow('not held');
});
