import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Version } from '../../../src/database/contract.ts';
import { isLater } from '../../../src/apply/position.ts';
import { isNewer, newest } from '../../../src/apply/version.ts';

const version: fc.Arbitrary<Version> = fc.record({
  clock: fc.bigInt({ min: 0n, max: 3n }),
  side: fc.constantFrom('left', 'right'),
});

test('versions are totally ordered: of two different ones exactly one is newer', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      const different = a.clock !== b.clock || a.side !== b.side;
      expect(Number(isNewer(a, b, 'left')) + Number(isNewer(b, a, 'left'))).toBe(different ? 1 : 0);
    }),
  );
});

test('the order is transitive, so the newest of many does not depend on the order of arrival', () => {
  fc.assert(
    fc.property(fc.array(version, { minLength: 1 }), (versions) => {
      const fold = (list: typeof versions) => list.reduce((held, v) => newest(held, v, 'left')!, list[0]!);
      expect(fold(versions.toReversed())).toEqual(fold(versions));
    }),
  );
});

test('a tie goes to the fixed side', () => {
  expect(isNewer({ clock: 7n, side: 'left' }, { clock: 7n, side: 'right' }, 'left')).toBe(true);
  expect(isNewer({ clock: 7n, side: 'right' }, { clock: 7n, side: 'left' }, 'left')).toBe(false);
});

test('anything is newer than nothing', () => {
  expect(isNewer({ clock: 0n, side: 'right' }, null, 'left')).toBe(true);
});

test('a position of a later epoch is later whatever its order says', () => {
  expect(isLater({ epoch: 2, order: '0001' }, { epoch: 1, order: '9999' })).toBe(true);
  expect(isLater({ epoch: 1, order: '0002' }, { epoch: 1, order: '0001' })).toBe(true);
  expect(isLater({ epoch: 1, order: '0001' }, { epoch: 1, order: '0001' })).toBe(false);
});
