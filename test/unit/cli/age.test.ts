import { expect, test } from '@jest/globals';
import { age, ago } from '../../../src/cli/age.ts';

const now = Date.parse('2026-01-08T10:00:00Z');

test.each([
  ['90s', '2026-01-08T09:58:30.000Z'],
  ['30m', '2026-01-08T09:30:00.000Z'],
  ['12h', '2026-01-07T22:00:00.000Z'],
  ['7d', '2026-01-01T10:00:00.000Z'],
])('%s ago', (text, at) => {
  expect(ago(text, now)).toBe(at);
});

test.each(['', '7', 'd', '7w', '-1h', '1.5h', '999999999d'])('%p is no age', (text) => {
  expect(ago(text, now)).toBeNull();
  expect(() => age(text)).toThrow(/must be an age like/);
});
