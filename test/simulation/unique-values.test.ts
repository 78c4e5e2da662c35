import { test } from '@jest/globals';
import fc from 'fast-check';
import type { ChangeEvent } from '../../src/change/event.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { agree, column, rotate, worldOf } from '../support/named-sides.ts';
import { sidePair } from '../support/two-sides.ts';
import type { SideName, TwoSides } from '../support/two-sides.ts';

interface Step {
  do: 'insert' | 'rename' | 'delete' | 'rotate' | 'deliver';
  side: SideName;
  pick: number;
  name: number;
  crash: boolean;
}

const steps = (sides: readonly SideName[]) =>
  fc.array(
    fc.record<Step>({
      do: fc.constantFrom('insert', 'rename', 'rename', 'delete', 'rotate', 'deliver', 'deliver', 'deliver'),
      side: fc.constantFrom(...sides),
      pick: fc.nat(),
      name: fc.nat(5),
      crash: fc.boolean(),
    }),
    { minLength: 10, maxLength: 60 },
  );

/** Each side gives names of its own, so that what one gave to two rows in turn is all that can clash. */
async function settle(schedule: readonly Step[]): Promise<TwoSides> {
  const world = await worldOf('left0', 'left1', 'left2');
  const flight: ChangeEvent[] = [];
  const deliver = async ({ pick, crash }: Step) => {
    const [event] = flight.splice(pick % flight.length, 1);
    if (!event) return;
    const target = world.databases[event.source === 'left' ? 'right' : 'left'];
    if (crash) target.failAfterCommit = new SyncError('unavailable', 'after the commit');
    try {
      await world.deliver(event);
    } catch (error) {
      if (!(error instanceof SyncError) || error.errorClass === 'constraint') throw error;
      flight.push(event);
    }
    target.failAfterCommit = null;
  };
  for (const step of schedule) {
    world.now.left += BigInt(step.pick % 3);
    world.now.right += BigInt(step.name % 3);
    if (step.do === 'deliver') await deliver(step);
    else flight.push(...write(world, step));
  }
  for (let turn = 0; flight.length > 0; turn++) {
    if (turn > 5000) throw new Error(`${flight.length} events wait for each other`);
    await deliver({ do: 'deliver', side: 'left', pick: turn * 7, name: 0, crash: false });
  }
  return world;
}

function write(world: TwoSides, { do: what, side, pick, name }: Step): ChangeEvent[] {
  const rows = world.databases[side].rows('parents');
  const keys = [...rows.keys()];
  const named = { [column[side]]: `${side}${name}` };
  const taken = world.databases[side].holders('parents', named).length > 0;
  const key = keys[pick % keys.length];
  const mine = keys.filter((key) => String(rows.get(key)!.values['name']).startsWith('left'));
  if (what === 'rotate' && mine.length > 2) return rotate(world, mine.slice(0, 2 + (pick % 2)));
  if (what === 'delete' && key) return [world.remove(side, 'parents', key)];
  if (taken) return [];
  if (what === 'rename' && key) return [world.update(side, 'parents', key, named)];
  return what === 'insert' ? [world.insert(side, 'parents', named)] : [];
}

test.each([
  ['one side', ['left']],
  ['both sides', sidePair],
] as const)('values that %s hand on, exchange and give up settle in any order', async (_, sides) => {
  await fc.assert(
    fc.asyncProperty(steps(sides), async (schedule) => agree(await settle(schedule))),
    { numRuns: 400 },
  );
});
