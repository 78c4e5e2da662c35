import { setTimeout as delay } from 'node:timers/promises';
import { metricNames } from '../../src/observability/names.ts';
import type { Build } from '../chaos/build.ts';
import { openEvents } from '../chaos/open-work.ts';
import type { TandemProcess } from '../chaos/processes.ts';
import { quiesce } from '../chaos/quiesce.ts';
import type { Ordeal, OrdealRun } from '../chaos/run-chaos.ts';
import { eventually } from '../support/eventually.ts';
import { RefusedRows } from './refused-row.ts';

/** How long the apps write before each rollout, milliseconds. */
const writingMs = 30_000;
const patienceMs = 180_000;

/** What a new version asks for before its processes start, while the old ones go on. */
const preparations = [
  ['migrate', 'blog'],
  ['connectors', 'apply', 'blog'],
];

/** What tells that a process did something: events brought to an end, records read. */
const workOf: Readonly<Record<string, string>> = {
  worker: metricNames.total,
  ingest: `${metricNames.batchSize}_sum`,
};

/**
 * Rolls from the previous build to the next, back, and forward again, while the apps write: each time a new process works
 * before the old one drains. After each the writers are held until all that the other build began has ended. Each build
 * also leaves a dead letter behind; the next one retries those of both.
 */
export const rollouts =
  (previous: Build, next: Build, say: (line: string) => void): Ordeal =>
  async (run) => {
    const { system, pace, signal } = run;
    const began = new Date();
    const refused = new RefusedRows(run, next);
    for (const build of [next, previous, next]) {
      await delay(writingMs, undefined, { signal });
      await refused.write(patienceMs);
      if (build === next) for (const words of preparations) await system.tandem(build, words);
      for (const name of ['worker', 'ingest']) await roll(run, name, build, say);
      if (build === next) say(`${await refused.letIn()} dead letters retried`);
      pace.held = true;
      await quiesce(system, run.journal, run.mark, run.random, patienceMs).catch(async (error: unknown) => {
        const open = await openEvents(system.client, began);
        throw new Error(`${build.name} does not end what was begun: ${open.join('; ')}`, { cause: error });
      });
      pace.held = false;
      say(`${build.name} has ended all that was begun`);
    }
  };

async function roll(
  { system }: OrdealRun,
  name: string,
  build: Build,
  say: (line: string) => void,
): Promise<void> {
  const old = system.processes.find((each) => each.name === name)!;
  const next = system.process(build, name);
  system.processes.push(next);
  await next.start();
  await next.ready();
  await eventually(`the new ${name} to have work`, async () => (await worked(next)) > 0, patienceMs);
  say(`${name}: ${build.name} works; ${old.build.name} did ${await worked(old)} and drains`);
  system.processes.splice(system.processes.indexOf(old), 1);
  const code = await old.drain();
  if (code !== 0) old.deaths.push(`${name} of ${old.build.name} drained with ${code}`);
}

async function worked(process: TandemProcess): Promise<number> {
  const series = new RegExp(`^\\w*${workOf[process.name]}(?:\\{[^}]*\\})? (\\S+)`, 'gm');
  const values = [...(await process.metrics()).matchAll(series)].map(([, value]) => Number(value));
  return values.reduce((sum, value) => sum + value, 0);
}
