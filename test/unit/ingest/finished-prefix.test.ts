import { expect, test } from '@jest/globals';
import { array, assert, boolean, integer, property, shuffledSubarray } from 'fast-check';
import { FinishedPrefix } from '../../../src/ingest/finished-prefix.ts';

const completionOrder = integer({ min: 1, max: 60 }).chain((size) =>
  shuffledSubarray([...Array(size).keys()], { minLength: 0, maxLength: size }).map((order) => ({
    size,
    order,
  })),
);

test('whatever completes in whatever order, and wherever it ends, nothing unfinished lies below a taken offset', () => {
  assert(
    property(completionOrder, array(boolean()), integer({ min: 1, max: 5 }), (of, takes, gap) => {
      // Offsets of a compacted topic have gaps.
      const offsets = [...Array(of.size).keys()].map((index) => String(1000 + index * gap));
      const prefix = new FinishedPrefix(offsets);
      const finished = new Set<number>();
      let last = -1;
      of.order.forEach((index, step) => {
        prefix.finish(index);
        finished.add(index);
        if (takes[step] === false) return;
        const offset = prefix.take();
        if (offset === null) return;
        const taken = offsets.indexOf(offset);
        expect(taken).toBeGreaterThan(last);
        last = taken;
        for (let below = 0; below <= taken; below++) expect(finished.has(below)).toBe(true);
      });
    }),
    { numRuns: 500 },
  );
});

test('once everything is finished the whole batch is taken', () => {
  assert(
    property(
      integer({ min: 1, max: 60 }).chain((n) => shuffledSubarray([...Array(n).keys()], { minLength: n })),
      (order) => {
        const prefix = new FinishedPrefix(order.map((_, index) => String(index)));
        for (const index of order) prefix.finish(index);
        expect(prefix.take()).toBe(String(order.length - 1));
        expect(prefix.take()).toBeNull();
        expect(prefix.complete).toBe(true);
      },
    ),
  );
});
