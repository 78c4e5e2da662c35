import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { groupOf, identify, isAlive } from '../../../src/stack/process-identity.ts';
import type { ProcessIdentity } from '../../../src/stack/process-identity.ts';

const self = (): ProcessIdentity => {
  const identity = identify(process.pid);
  if (!identity) throw new Error('this process has no identity');
  return identity;
};

test('a living process is recognised', () => {
  expect(isAlive(self())).toBe(true);
});

test('the same number with another start time or after another boot is another process', () => {
  expect(isAlive({ ...self(), startTicks: '1' })).toBe(false);
  expect(isAlive({ ...self(), bootId: 'an earlier one' })).toBe(false);
});

test('a process that ended is gone, and so is its identity', async () => {
  const child = spawn('sleep', ['60'], { detached: true });
  const identity = identify(child.pid ?? 0);
  expect(identity && isAlive(identity)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(identity && isAlive(identity)).toBe(false);
  expect(identify(child.pid ?? 0)).toBeUndefined();
});

test('the group of a leader that died is still found, unless the number is in use again', async () => {
  const child = spawn('sh', ['-c', 'sleep 60 & echo started; wait'], { detached: true });
  const identity = identify(child.pid ?? 0);
  if (!identity) throw new Error('the child has no identity');
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const left = groupOf(identity);
  expect(left).toHaveLength(1);
  expect(groupOf({ ...identity, bootId: 'an earlier one' })).toEqual([]);
  for (const pid of left) process.kill(pid, 'SIGKILL');
  expect(groupOf({ ...self(), startTicks: '1' })).toEqual([]);
});
