import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { packageRoot } from '../../src/package-root.ts';

/** In a process of its own: jest's module sandbox makes it several times slower. */
const simulation = (...options: string[]) =>
  execa(
    process.execPath,
    ['--import', './test/support/register-typescript.js', 'test/simulation/run.ts', ...options],
    { cwd: packageRoot, reject: false },
  );

test('whatever is written, delivered, repeated, delayed and broken off, both sides agree in the end', async () => {
  const { stdout, stderr, exitCode } = await simulation('--first', '--seeds', '3000');
  if (exitCode !== 0)
    throw new Error(`npm run test:simulation -- --seed N prints what happened\n${stdout}${stderr}`);
  // A run in which these never occur says nothing about them.
  const occurring = [
    'applied unchanged stale conflict_applied conflict_kept replayed',
    'insert_exists update_origin_differs delete_origin_differs update_recently_deleted delete_missing',
    'unavailable waiting_for_row crashes echoes reads refused batches',
  ];
  for (const what of occurring.join(' ').split(' ')) expect(stdout).toMatch(new RegExp(`^${what} `, 'm'));
});

test('a seed replays exactly', async () => {
  const [first, second] = [await simulation('--seed', '7'), await simulation('--seed', '7')];
  expect(first.stdout.split('\n').length).toBeGreaterThan(20);
  expect(second.stdout).toBe(first.stdout);
});
