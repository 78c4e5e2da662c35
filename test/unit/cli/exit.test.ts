import { CommanderError } from 'commander';
import { expect, test } from '@jest/globals';
import { endingOf } from '../../../src/cli/exit.ts';
import { Interrupted } from '../../../src/cli/interrupt.ts';
import { ConfigError } from '../../../src/errors/config-error.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';

test.each([
  ['a wrong setting', new ConfigError(['A: x', 'B: y']), ['A: x', 'B: y'], 2],
  ['a usage error', new CommanderError(1, 'commander.unknownOption', 'x'), [], 2],
  ['help', new CommanderError(0, 'commander.helpDisplayed', ''), [], 0],
  ['a server that is away', new SyncError('unavailable', 'cannot connect'), ['tandem: cannot connect'], 1],
  [
    'an error with a cause',
    new Error('it did not start', { cause: new Error('port taken') }),
    ['tandem: it did not start', '  because: port taken'],
    1,
  ],
  ['Ctrl-C', new Interrupted('SIGINT', 'the backfill goes on'), ['tandem: the backfill goes on'], 130],
  ['SIGTERM', new Interrupted('SIGTERM', 'interrupted'), ['tandem: interrupted'], 143],
] as const)('%s', (_, error, lines, code) => {
  expect(endingOf(error)).toEqual({ lines, code });
});

test('only a defect shows where it happened', () => {
  const { lines, code } = endingOf(new TypeError('x is not a function'));
  expect(code).toBe(1);
  expect(lines[0]).toContain('defect of Tandem');
  expect(lines[1]).toContain('exit.test');
});
