import { expect, test } from '@jest/globals';
import { clockFindings } from '../../../src/doctor/checks/clocks.ts';

const clock = (side: string, seconds: number, pipeline = 'p') => ({ pipeline, side, seconds });
const judged = (...clocks: ReturnType<typeof clock>[]) =>
  clockFindings(clocks, 5).map(({ status, subject, message }) => `${status} ${subject}: ${message}`);

test('clocks within the limit are well', () => {
  expect(judged(clock('left', 1.5), clock('right', -3.04))).toEqual([
    "ok left: clock: 1.5 s ahead of this machine's",
    "ok right: clock: 3.0 s behind this machine's",
  ]);
});

test('a side too far from this machine is named, and so are two sides too far apart', () => {
  expect(judged(clock('left', 4), clock('right', -9))).toEqual([
    "ok left: clock: 4.0 s ahead of this machine's",
    "warn right: clock: 9.0 s behind this machine's",
    'warn left and right: clocks: left is 13.0 s ahead of right',
  ]);
});

test('two sides near this machine can be too far apart; sides of two pipelines are not compared', () => {
  expect(judged(clock('left', -4), clock('right', 4), clock('else', -4, 'q'))).toEqual([
    "ok left: clock: 4.0 s behind this machine's",
    "ok right: clock: 4.0 s ahead of this machine's",
    "ok else: clock: 4.0 s behind this machine's",
    'warn left and right: clocks: left is 8.0 s behind right',
  ]);
});
