import { problemsOf } from './checks.ts';
import { tryEvent } from './deliver.ts';
import { sides } from './schema.ts';
import { describeEvent, settingsOf, World } from './world.ts';
import { settleClashes, settleOrphans, writeAtRandom } from './writers.ts';

export interface Verdict {
  seed: number;
  /** Empty: everything held. */
  problems: string[];
  /** How often what happened. */
  counts: Readonly<Record<string, number>>;
}

/** How many tries come to one write: beyond, what Tandem writes comes back for ever. */
const restless = 400;

/** Runs one seed to its end: writes and deliveries at once, then deliveries alone, then the checks. */
export async function simulate(
  seed: number,
  trace: ((line: string) => void) | null = null,
): Promise<Verdict> {
  const settings = settingsOf(seed);
  trace?.(`seed ${seed} ${JSON.stringify(settings)}`);
  const world = new World(settings, trace);
  try {
    await writeAndDeliver(world);
    world.crashing = false;
    await deliverAll(world);
  } catch (error) {
    const says = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, problems: [says], counts: world.counts };
  }
  return { seed, problems: problemsOf(world), counts: world.counts };
}

async function writeAndDeliver(world: World): Promise<void> {
  const { random, scheduler, settings, inFlight } = world;
  const left = { writes: settings.writes };
  const writer = async () => {
    for (; left.writes > 0; left.writes -= 1) {
      await scheduler.point();
      const side = random.pick(sides);
      await writeAtRandom(world, side);
      if (random.chance(0.06)) world.read(side, random.pick(['parents', 'children', 'codes']));
      if (random.chance(0.04)) world.read('left', random.pick(['prices', 'offers']));
    }
  };
  const worker = async () => {
    while (left.writes > 0) {
      await scheduler.point();
      const event = random.take(inFlight);
      if (!event) continue;
      const again = random.chance(settings.duplicate);
      if (again) inFlight.push(event);
      if ((await tryEvent(world, event)) !== null && !again) inFlight.push(event);
    }
  };
  await scheduler.run([writer, writer, writer, worker, worker, worker]);
}

/** Until nothing is in flight. Throws where what is in flight can never be applied, or never ends. */
async function deliverAll(world: World): Promise<void> {
  const { random, scheduler, inFlight, settings } = world;
  const most = restless * settings.writes;
  let tries = 0;
  while (inFlight.length > 0) {
    const round = inFlight.splice(0);
    let done = 0;
    const worker = async () => {
      for (let event = random.take(round); event; event = random.take(round)) {
        if ((tries += 1) > most) throw new Error(`${tries} tries, and no end`);
        if ((await tryEvent(world, event)) === null) done += 1;
        else inFlight.push(event);
      }
    };
    await scheduler.run([worker, worker, worker]);
    if (done > 0 || inFlight.length === 0) continue;
    await scheduler.run([
      async () => {
        if (await settleOrphans(world)) return world.count('orphans settled');
        if (await settleClashes(world)) return world.count('clashes settled');
        throw new Error(`never applied: ${inFlight.map(describeEvent).join('; ')}`);
      },
    ]);
  }
}
