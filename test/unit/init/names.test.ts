import { describe, expect, test } from '@jest/globals';
import { commonStart, likeness, without, wordsOf } from '../../../src/init/names.ts';

test.each([
  ['legacy_users', ['legacy', 'user']],
  ['createdAt', ['created', 'at']],
  ['Categories', ['category']],
  ['addresses', ['address']],
  ['status', ['status']],
  ['address2', ['address2']],
])('%s is the words %j', (name, words) => {
  expect(wordsOf(name)).toEqual(words);
});

describe('likeness', () => {
  test.each([
    ['user_name', 'username', 1],
    ['email', 'email_address', 0.6],
    ['phone_number', 'mobile', 0.6],
    ['full_name', 'display_name', 0.45],
  ])('%s and %s are alike, %d or more', (one, other, least) => {
    expect(likeness(wordsOf(one), wordsOf(other))).toBeGreaterThanOrEqual(least);
  });

  test.each([
    ['title', 'rating'],
    ['length', 'email'],
    ['first_name', 'last_update'],
  ])('%s and %s are strangers', (one, other) => {
    expect(likeness(wordsOf(one), wordsOf(other))).toBeLessThan(0.4);
  });
});

test('what all tables begin with says nothing', () => {
  const tables = ['legacy_users', 'legacy_posts'].map(wordsOf);
  expect(commonStart(tables)).toEqual(['legacy']);
  expect(without(tables[0]!, ['legacy'])).toEqual(['user']);
  expect(without(['legacy'], ['legacy'])).toEqual(['legacy']);
});
