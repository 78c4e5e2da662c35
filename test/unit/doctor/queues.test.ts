import { expect, test } from '@jest/globals';
import { judgeQueue } from '../../../src/doctor/checks/queues.ts';

const state = { visible: 0, messages: 0, visibilitySeconds: 30, maxReceiveCount: 20 };

test.each([
  [{}, ['ok']],
  [{ maxReceiveCount: null }, ['warn']],
  [{ maxReceiveCount: 3 }, ['warn']],
  [{ visibilitySeconds: 2 }, ['warn']],
  [{ visibilitySeconds: 2, maxReceiveCount: null }, ['warn', 'warn']],
])('%o is %s', (own, statuses) => {
  expect(judgeQueue('q', { ...state, ...own }).map(({ status }) => status)).toEqual(statuses);
});
