import { execa } from 'execa';
import { testStack } from '../support/test-stack.ts';
import { real } from './guards-real.ts';
import { report } from './report.ts';
import type { Seen } from './report.ts';
import { Workshop } from './workshop.ts';

/** Switches off each guard that lives in SQL; a test on PostgreSQL and MySQL must fail. */
export async function runOnServers(): Promise<boolean> {
  const stack = testStack();
  const wasUp = stack.status().some(({ state }) => state === 'running');
  await stack.up({ only: ['postgres', 'mysql'] });
  try {
    await using workshop = await Workshop.open(
      ['src', 'pipelines', 'test/support', 'test/database', 'package.json', 'jest.config.js'],
      ['node_modules', '.stack'],
    );
    for (const test of new Set(real.map((guard) => guard.test))) {
      const sound = await failingTest(workshop, test);
      if (sound) throw new Error(`with every guard on, "${sound.first}" fails: ${sound.says}`);
    }
    return await report('first test', real, (guard) =>
      workshop.without(guard, () => failingTest(workshop, guard.test)),
    );
  } finally {
    if (!wasUp) await stack.down();
  }
}

async function failingTest({ folder }: Workshop, test: string): Promise<Seen | null> {
  const { stderr, exitCode } = await execa(
    'node_modules/.bin/jest',
    ['--runInBand', '--bail', '--selectProjects', 'database', '--testPathPatterns', test],
    { cwd: folder, reject: false, env: { NODE_OPTIONS: '--experimental-vm-modules', CI: 'true' } },
  );
  if (exitCode === 0) return null;
  const [, first, says = ''] = /^ {2}● (.*)\n\n *(.*)$/m.exec(stderr) ?? [];
  if (first === undefined) throw new Error(`the tests did not run:\n${stderr}`);
  return { first: first.split(' › ').at(-1)!.slice(0, 60), says };
}
