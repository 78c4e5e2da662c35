import type { ChangeEvent } from '../../../src/change/event.ts';
import { problemsOf } from './checks.ts';
import { tryBatch, tryEvent } from './deliver.ts';
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
      if (random.chance(0.06)) world.hint(side, random.pick(['parents', 'children', 'codes']));
      if (random.chance(0.04)) world.hint('left', random.pick(['prices', 'offers']));
    }
  };
  const worker = async () => {
    while (left.writes > 0) {
      await scheduler.point();
      const event = random.take(inFlight);
      if (!event) continue;
      const batch = random.chance(settings.batch) ? withOthers(world, inFlight, event) : null;
      if (batch) {
        const failures = await tryBatch(world, batch);
        inFlight.push(...batch.filter((_, at) => failures[at] !== null || random.chance(settings.duplicate)));
        continue;
      }
      const again = random.chance(settings.duplicate);
      if (again) inFlight.push(event);
      if ((await tryEvent(world, event)) !== null && !again) inFlight.push(event);
    }
  };
  await scheduler.run([writer, writer, writer, worker, worker, worker]);
}

/** Takes events that go the same way, in the order of their log; null where there is no other. */
function withOthers({ random, hints }: World, from: ChangeEvent[], event: ChangeEvent): ChangeEvent[] | null {
  if (event.previous_key !== undefined || hints.has(event.event_id)) return null;
  const same = from.filter(
    (each) =>
      each.entity_type === event.entity_type &&
      each.source === event.source &&
      each.previous_key === undefined &&
      !hints.has(each.event_id) &&
      random.chance(0.7),
  );
  if (same.length === 0) return null;
  for (const each of same) from.splice(from.indexOf(each), 1);
  return [event, ...same].toSorted((a, b) => (a.position.order < b.position.order ? -1 : 1));
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
        const batch = random.chance(settings.batch) ? withOthers(world, round, event) : null;
        const failures = batch ? await tryBatch(world, batch) : [await tryEvent(world, event)];
        const failed = (batch ?? [event]).filter((_, at) => failures[at] !== null);
        done += failures.length - failed.length;
        inFlight.push(...failed);
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
