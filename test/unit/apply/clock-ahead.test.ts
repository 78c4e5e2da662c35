import { expect, test } from '@jest/globals';
import { clockAhead } from '../../../src/apply/clock-ahead.ts';

const now = 1_780_000_000_000;
const clock = (seconds: number) => String(BigInt(now + seconds * 1000) * 1000n);

test.each([
  ['in the past', clock(-3600), null],
  ['now', clock(0), null],
  ['ahead by the limit', clock(5), null],
  ['ahead by more', clock(5.001), 5.001],
  ['ahead by an hour', clock(3600), 3600],
  ['none: a one-way entity', null, null],
])('a clock %s', (_, clock, ahead) => {
  expect(clockAhead({ clock }, 5, now)).toBe(ahead);
});
