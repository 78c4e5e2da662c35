import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { withLock } from '../../../src/stack/lock.ts';
import { identify } from '../../../src/stack/process-identity.ts';
import { temporaryFolder } from './temporary.ts';

test('tasks under one lock run one after the other, and nothing is left', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'lock');
  let inside = 0;
  let most = 0;
  const task = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise(setImmediate);
    inside -= 1;
  };
  await Promise.all([1, 2, 3].map(() => withLock(file, task)));
  expect(most).toBe(1);
  expect(existsSync(file)).toBe(false);
});

test('the lock of a process that is gone is taken over', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'lock');
  writeFileSync(file, JSON.stringify({ ...identify(process.pid), startTicks: '1' }));
  await expect(withLock(file, () => Promise.resolve('done'))).resolves.toBe('done');
});

test('a failing task gives the lock back', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'lock');
  await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(file)).toBe(false);
});

test('waiting can be given up', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'lock');
  const stop = new AbortController();
  await withLock(file, async () => {
    const waiting = withLock(file, () => Promise.resolve(), {
      signal: stop.signal,
      onWait: () => stop.abort(new Error('enough')),
    });
    await expect(waiting).rejects.toThrow('enough');
  });
});
