import { parseArgs } from 'node:util';
import { simulate } from '../support/simulation/simulate.ts';

/**
 * `--seeds N --from S`: runs N seeds from S on; `--first` ends at the first that fails. `--seed S`: runs one and prints
 * everything that happened.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20000' },
    from: { type: 'string', default: '1' },
    first: { type: 'boolean', default: false },
    seed: { type: 'string' },
  },
});

const print = (line: string) => void process.stdout.write(`${line}\n`);

const ok =
  values.seed === undefined
    ? await many(Number(values.from), Number(values.seeds))
    : await one(Number(values.seed));
process.exitCode = ok ? 0 : 1;

async function one(seed: number): Promise<boolean> {
  const { problems } = await simulate(seed, print);
  for (const problem of problems) print(`PROBLEM ${problem}`);
  print(
    problems.length === 0 ? `seed ${seed}: everything held` : `seed ${seed}: ${problems.length} problems`,
  );
  return problems.length === 0;
}

async function many(from: number, seeds: number): Promise<boolean> {
  const began = Date.now();
  const totals: Record<string, number> = {};
  let failed = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const { problems, counts } = await simulate(seed);
    for (const [what, times] of Object.entries(counts)) totals[what] = (totals[what] ?? 0) + times;
    if (problems.length === 0) continue;
    failed += 1;
    if (values.first) seeds = seed - from + 1;
    if (failed <= 10) print(`seed ${seed}: ${problems[0]}`);
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  for (const [what, times] of Object.entries(totals).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    print(`${what.padEnd(26)} ${String(times).padStart(9)}`);
  print(
    `${seeds} seeds from ${from} in ${seconds} s: ${failed === 0 ? 'everything held' : `${failed} failed; --seed N prints what happened`}`,
  );
  return failed === 0;
}
