import { expect, test } from '@jest/globals';
import { candidates } from '../../../src/cli/candidates.ts';
import { completionScripts } from '../../../src/cli/completion-scripts.ts';

const valuesOf = async (line: string) => (await candidates(line.split(' '))).map(({ value }) => value);

test.each([
  ['sta', ['start', 'status', 'stack']],
  ['help sta', ['start', 'status', 'stack']],
  ['dlq d', ['discard', 'decide']],
  // A value is not a command, and behind an argument none follows.
  ['dlq retry --signature li', []],
  ['dlq show EVENT_ID li', []],
  ['dlq retry --class=d', ['--class=data']],
  ['dlq retry --re', ['--reread']],
  ['doctor --json b', ['blog']],
  ['pause li', ['list']],
  ['link blog ', ['users', 'posts', 'likes']],
  ['backfill blog --from ', ['legacy', 'revamp']],
  ['stack logs te', ['temporal']],
  ['sql legacy --', ['--json', '--help']],
  ['explode ', []],
] as const)('%j may become %j', async (line, values) => {
  expect(await valuesOf(line)).toEqual(values);
});

test('zsh is told what a candidate is, whatever it holds', () => {
  const { answer } = completionScripts.zsh;
  expect(answer({ value: 'legacy:', description: 'a side' }, '')).toBe('legacy\\::a side');
  expect(answer({ value: 'data', description: '' }, '')).toBe('data');
});
