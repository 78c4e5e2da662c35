import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Fuse } from '../../../src/errors/fuse.ts';

const limits = { errors: 20, windowMs: 60_000 };

let now = 0;
const fuseOf = (own: Partial<typeof limits> = {}) => new Fuse({ ...limits, ...own }, () => now);

beforeEach(() => {
  now = 0;
});

/** Lets events fail, `everyMs` apart, and returns which of them trips; null where none does. */
function tripsAt(
  fuse: Fuse,
  count: number,
  {
    everyMs = 100,
    from = 0,
    signature = () => 'a',
    entity = 'posts',
    prefix = 'e',
  }: {
    everyMs?: number;
    from?: number;
    signature?: (index: number) => string;
    entity?: string;
    prefix?: string;
  } = {},
): number | null {
  for (let index = 1; index <= count; index++) {
    const event = { eventId: `${prefix}${index}`, signature: signature(index) };
    now = from + index * everyMs;
    if (fuse.failed(entity, event)) return index;
  }
  return null;
}

describe('a fuse', () => {
  test('trips at the twentieth failure of one signature', () => {
    expect(tripsAt(fuseOf(), 100)).toBe(20);
  });

  test('does not trip on failures that are further apart than the window allows', () => {
    expect(tripsAt(fuseOf(), 100, { everyMs: 3200 })).toBeNull();
    expect(tripsAt(fuseOf(), 100, { everyMs: 3100 })).toBe(20);
  });

  test('does not trip on many signatures', () => {
    expect(tripsAt(fuseOf(), 500, { signature: (index) => `s${index % 26}` })).toBeNull();
  });

  test.each([
    [19, 20],
    [20, 21],
    [60, 61],
  ])('with %i events that succeed, trips at failure %i: over half', (succeeded, expected) => {
    const fuse = fuseOf();
    for (let index = 0; index < succeeded; index++) fuse.succeeded('posts');
    expect(tripsAt(fuse, 100)).toBe(expected);
  });

  test('forgets what succeeded before the window', () => {
    const fuse = fuseOf();
    for (let index = 0; index < 1000; index++) fuse.succeeded('posts');
    expect(tripsAt(fuse, 30, { from: 70_000 })).toBe(20);
  });

  test('counts each entity by itself', () => {
    const fuse = fuseOf();
    for (let index = 0; index < 1000; index++) fuse.succeeded('users');
    expect(tripsAt(fuse, 19, { entity: 'users' })).toBeNull();
    expect(tripsAt(fuse, 20)).toBe(20);
  });

  test('counts an event that fails again once', () => {
    const fuse = fuseOf();
    for (let again = 0; again < 50; again++)
      expect(fuse.failed('posts', { eventId: 'same', signature: 'a' })).toBe(false);
  });

  test('counts anew once it has tripped', () => {
    const fuse = fuseOf();
    tripsAt(fuse, 20);
    expect(tripsAt(fuse, 100, { from: 2000, prefix: 'later' })).toBe(20);
  });

  test('with 0 errors never trips', () => {
    expect(tripsAt(fuseOf({ errors: 0 }), 100)).toBeNull();
  });

  test('trips exactly when the window says so, whatever came before', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 0, max: 4000 }),
      fails: fc.constantFrom(null, 'a', 'b'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const small = { errors: 5, windowMs: 10_000 };
        let at = 0;
        const fuse = new Fuse(small, () => at);
        let seen: { at: number; signature: string | null }[] = [];
        let wall = 0;
        for (const [index, { afterMs, fails }] of steps.entries()) {
          wall += afterMs;
          // whole seconds, so that the model need not know how successes are kept
          at = Math.floor(wall / 1000) * 1000;
          seen = [...seen.filter((each) => each.at >= at - small.windowMs), { at, signature: fails }];
          if (fails === null) {
            fuse.succeeded('posts');
            continue;
          }
          const alike = seen.filter(({ signature }) => signature === fails).length;
          const expected = alike >= small.errors && alike * 2 > seen.length;
          expect(fuse.failed('posts', { eventId: String(index), signature: fails })).toBe(expected);
          if (expected) seen = [];
        }
      }),
    );
  });
});
