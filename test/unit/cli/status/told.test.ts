import { expect, test } from '@jest/globals';
import { isAway, told } from '../../../../src/cli/status/told.ts';

test('what a part tells is handed on as it is', async () => {
  for (const answer of [0, null, [], { away_from: 'x' }]) {
    expect(await told('part', () => Promise.resolve(answer))).toBe(answer);
    expect(isAway(answer)).toBe(false);
  }
});

test('a part that fails is away, with every cause and its own name once', async () => {
  const error = new Error('Kafka does not answer', { cause: new Error('connect ECONNREFUSED') });
  expect(await told('Kafka', () => Promise.reject(error))).toEqual({
    away: 'Kafka does not answer: connect ECONNREFUSED',
  });
  expect(await told('database left', () => Promise.reject(new Error('refused\nat line 1')))).toEqual({
    away: 'database left: refused',
  });
});

test('a part that never answers is away after a while', async () => {
  const never = new Promise<string>(() => {});
  expect(await told('Kafka', () => never, 5)).toEqual({ away: 'Kafka: no answer within 0.005 s' });
});
