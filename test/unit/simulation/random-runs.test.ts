import { expect, test } from '@jest/globals';
import { simulate } from '../../support/simulation/simulate.ts';

const seeds = 1500;

test('whatever is written, delivered, repeated, delayed and broken off, both sides agree in the end', async () => {
  const totals: Record<string, number> = {};
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { problems, counts } = await simulate(seed);
    if (problems.length > 0)
      throw new Error(
        `seed ${seed}: ${problems.join('\n')}\nEverything that happened: npm run test:simulation -- --seed ${seed}`,
      );
    for (const [what, times] of Object.entries(counts)) totals[what] = (totals[what] ?? 0) + times;
  }
  // A run in which these never occur says nothing about them.
  const occurring = [
    'applied unchanged stale conflict_applied conflict_kept replayed',
    'insert_exists update_origin_differs delete_origin_differs update_recently_deleted delete_missing',
    'unavailable waiting_for_row constraint crashes echoes reads refused',
  ];
  expect(Object.keys(totals)).toEqual(expect.arrayContaining(occurring.join(' ').split(' ')));
});

test('a seed replays exactly', async () => {
  for (const seed of [7, 8]) {
    const runs: string[][] = [[], []];
    for (const run of runs) await simulate(seed, (line) => run.push(line));
    expect(runs[0]!.length).toBeGreaterThan(20);
    expect(runs[1]).toEqual(runs[0]);
  }
});
