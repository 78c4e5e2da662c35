import { expect, test } from '@jest/globals';
import { HeldTopics } from '../../../src/ingest/held-topics.ts';

test('a topic is free once the last cause lets it go', () => {
  const topics = new HeldTopics(['users', 'posts']);
  topics.hold('too many wait', ['posts']);
  topics.hold('paused', ['posts']);
  topics.hold('paused', ['posts']);
  expect([topics.held, topics.free]).toEqual([['posts'], ['users']]);
  expect(topics.release('paused', ['posts'])).toBe(false);
  expect(topics.has('posts')).toBe(true);
  expect(topics.release('too many wait')).toBe(true);
  expect(topics.free).toEqual(['users', 'posts']);
});

test('without topics a cause holds all of them, and lets go only of its own', () => {
  const topics = new HeldTopics(['users', 'posts']);
  topics.hold('too much in flight');
  topics.hold('paused', ['users', 'nobody reads this one']);
  expect(topics.free).toEqual([]);
  expect(topics.release('too much in flight')).toBe(true);
  expect([topics.held, topics.free]).toEqual([['users'], ['posts']]);
  expect(topics.release('too much in flight')).toBe(false);
});
