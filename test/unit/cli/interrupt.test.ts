import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { endingOf } from '../../../src/cli/exit.ts';
import { interruptible } from '../../../src/cli/interrupt.ts';

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('what a task throws after %s is told as an interrupt', async (signal, code) => {
  const ended = interruptible(async (stop) => {
    await once(stop, 'abort');
    throw new Error('half of it was fetched');
  });
  process.emit(signal, signal);
  expect(endingOf(await ended.catch((error: unknown) => error))).toEqual({
    lines: ['tandem: interrupted; what was started is stopped again', '  because: half of it was fetched'],
    code,
  });
});
