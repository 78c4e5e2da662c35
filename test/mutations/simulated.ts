import { execa } from 'execa';
import { simulated } from './guards.ts';
import { report } from './report.ts';
import type { Seen } from './report.ts';
import { Workshop } from './workshop.ts';

/** Switches off each guard of the core and of the triggers' model; the simulation must fail. */
export async function runSimulated(seeds: number): Promise<boolean> {
  await using workshop = await Workshop.open(
    ['src', 'pipelines', 'test/support', 'test/simulation', 'package.json'],
    ['node_modules'],
  );
  const sound = await firstFailure(workshop, 300);
  if (sound) throw new Error(`with every guard on, seed ${sound.first} fails: ${sound.says}`);
  return await report('first seed', simulated, (guard) =>
    workshop.without(guard, () => firstFailure(workshop, seeds)),
  );
}

async function firstFailure({ folder }: Workshop, seeds: number): Promise<Seen | null> {
  const loader = './test/support/register-typescript.js';
  const { stdout, stderr, exitCode } = await execa(
    process.execPath,
    ['--import', loader, 'test/simulation/run.ts', '--first', '--seeds', String(seeds)],
    { cwd: folder, reject: false },
  );
  if (exitCode === 0) return null;
  const [, first, says = ''] = /^seed (\d+): (.*)$/m.exec(stdout) ?? [];
  if (first === undefined) throw new Error(`the simulation did not run to an end:\n${stdout}\n${stderr}`);
  return { first, says };
}
