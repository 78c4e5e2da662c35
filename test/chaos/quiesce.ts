import { workflowTypes } from '../../src/temporal/names.ts';
import { eventually } from '../support/eventually.ts';
import { App } from './app.ts';
import type { Journal } from './journal.ts';
import type { Random } from './random.ts';
import type { System } from './system.ts';
import { otherSide, sides } from './words.ts';
import type { Side } from './words.ts';

/** Writes a row on the side and waits until the other has it: everything the log held before it has been captured. */
async function fence(
  system: System,
  side: Side,
  journal: Journal,
  name: string,
  patienceMs: number,
): Promise<void> {
  const own = new App(side, system.adminUrls[side], system.mode);
  const there = new App(otherSide[side], system.adminUrls[otherSide[side]], system.mode);
  try {
    const { ending, writes, reason } = await own.transaction((hand) =>
      hand.insert('users', { name, email: `${name}@x.example`, text: name }),
    );
    journal.note('fence', ending, writes);
    if (ending !== 'acknowledged') throw new Error(`the fence on ${side} could not be written: ${reason}`);
    await eventually(
      `the fence of ${side} on the other side`,
      async () => {
        let seen = 0;
        await there.transaction(async (hand) => (seen = (await hand.keys('users', name)).length));
        return seen === 1;
      },
      patienceMs,
    );
  } finally {
    await Promise.all([own.close(), there.close()]);
  }
}

/**
 * Waits until nothing is under way any more: fences arrived, all records read, every event ended. Returns what the
 * connectors said that had to be started again for it. Throws where it takes longer than the patience.
 */
export async function quiesce(
  system: System,
  journal: Journal,
  mark: string,
  random: Random,
  patienceMs: number,
): Promise<string[]> {
  const revived = new Set<string>();
  await system.stack.up();
  await Promise.all(
    system.processes.map(async (each) => {
      if (!each.running) await each.start();
      await each.ready();
    }),
  );
  await eventually(
    'the connectors to run',
    async () => {
      const failed = await system.reviveConnectors();
      for (const each of failed) revived.add(each);
      return failed.length === 0;
    },
    patienceMs,
  );
  await Promise.all(
    sides.map((side) => fence(system, side, journal, `${mark}fence_${side}_${random.token()}`, patienceMs)),
  );
  let calm = 0;
  await eventually(
    'every record to be read and every event to have ended',
    async () => {
      const busy =
        (await system.lag()) +
        (await system.running(workflowTypes.syncBatch)) +
        (await system.running(workflowTypes.syncChange));
      calm = busy === 0 ? calm + 1 : 0;
      // An event is counted a moment after it was started.
      return calm >= 20;
    },
    patienceMs,
  );
  return [...revived];
}
