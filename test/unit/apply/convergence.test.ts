import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChangeEvent } from '../../../src/change/event.ts';
import type { ApplyResult } from '../../../src/change/outcome.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { sidePair, TwoSides } from '../../support/two-sides.ts';
import type { SideName } from '../../support/two-sides.ts';

type Step =
  | {
      do: 'insert' | 'update' | 'delete' | 'reinsert' | 'replace';
      side: SideName;
      pick: number;
      value: number;
      crash: boolean;
    }
  | { do: 'deliver'; pick: number; twice: boolean; crash: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('insert', 'update', 'update', 'delete', 'reinsert', 'replace'),
    side: fc.constantFrom(...sidePair),
    pick: fc.nat(),
    value: fc.nat(4),
    crash: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('deliver' as const),
    pick: fc.nat(),
    twice: fc.boolean(),
    crash: fc.boolean(),
  }),
);

/** Runs a random schedule to the end: nothing in flight, every event delivered, some twice or after a seeming failure. */
async function run(
  steps: readonly Step[],
  skew: number,
  applied: (event: ChangeEvent, result: ApplyResult) => void = () => {},
): Promise<TwoSides> {
  const world = new TwoSides();
  world.now.right += BigInt(skew);
  const flight: ChangeEvent[] = [];
  const deliver = async (pick: number, twice: boolean, crash: boolean) => {
    if (flight.length === 0) return;
    const [event] = flight.splice(pick % flight.length, 1);
    if (crash) {
      const target = world.databases[event!.source === 'left' ? 'right' : 'left'];
      target.failAfterCommit = new SyncError('unavailable', 'the connection broke after the commit');
      await expect(world.deliver(event!)).rejects.toThrow('after the commit');
      flight.push(event!);
      return;
    }
    applied(event!, await world.deliver(event!));
    if (twice) flight.push(event!);
  };
  for (const s of steps) {
    world.now.left += BigInt(s.pick % 3);
    world.now.right += BigInt(s.pick % 3);
    if (s.do === 'deliver') await deliver(s.pick, s.twice, s.crash);
    else flight.push(...write(world, s));
  }
  while (flight.length > 0) await deliver(flight.length * 7, false, false);
  return world;
}

function write(
  world: TwoSides,
  { do: what, side, pick, value }: Exclude<Step, { do: 'deliver' }>,
): ChangeEvent[] {
  const keys = [...world.databases[side].rows('parents').keys()];
  const row = { [side === 'left' ? 'name' : 'title']: String(value) };
  if (what === 'insert' || keys.length === 0) return [world.insert(side, 'parents', row)];
  const key = keys[pick % keys.length]!;
  if (what === 'update') return [world.update(side, 'parents', key, row)];
  const clock = world.databases[side].rows('parents').get(key)!.clock!;
  const removed = world.remove(side, 'parents', key);
  if (what === 'delete') return [removed];
  return [removed, world.insert(side, 'parents', row, key, what === 'replace' ? clock : 0n)];
}

const image = (world: TwoSides, side: SideName) =>
  [...world.databases[side].rows('parents').values()]
    .map(({ values, clock }) => `${values['name'] ?? values['title']}@${clock}`)
    .toSorted();

test('any order of delivery, with duplicates and failures after the commit, leaves both sides equal', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.integer({ min: -1000, max: 1000 }),
      async (steps, skew) => {
        const world = await run(steps, skew);
        expect(image(world, 'left')).toEqual(image(world, 'right'));
      },
    ),
    { numRuns: 300 },
  );
});

test('applying events again, in any order, changes nothing and gives the stored outcomes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 30 }),
      fc.infiniteStream(fc.nat()),
      async (steps, picks) => {
        const delivered = new Map<ChangeEvent, ApplyResult>();
        const world = await run(steps, 0, (event, result) => delivered.set(event, result));
        const before = sidePair.map((side) => image(world, side));
        const events = [...delivered.keys()];
        while (events.length > 0) {
          const [event] = events.splice(picks.next().value % events.length, 1);
          const again = await world.deliver(event!);
          expect(again).toMatchObject({ outcome: delivered.get(event!)!.outcome, replayed: true });
        }
        expect(sidePair.map((side) => image(world, side))).toEqual(before);
      },
    ),
    { numRuns: 100 },
  );
});

test('an event applied again gives the stored outcome and writes nothing', async () => {
  const world = new TwoSides();
  const event = world.insert('left', 'parents', { name: 'a' });
  const first = await world.deliver(event);
  expect(first).toMatchObject({ outcome: 'applied', replayed: false });
  expect(await world.deliver(event)).toEqual({ ...first, replayed: true });
});

test('of two concurrent edits the newer survives on both sides, and the other is recorded', async () => {
  const world = new TwoSides();
  const created = world.insert('left', 'parents', { name: 'a' });
  const { target_key: key } = await world.deliver(created);
  world.now.right += 10n;
  const older = world.update('left', 'parents', '1', { name: 'left edit' });
  const newer = world.update('right', 'parents', key!, { title: 'right edit' });
  expect(await world.deliver(older)).toMatchObject({
    outcome: 'conflict_kept',
    conflict: 'update_origin_differs',
  });
  expect(await world.deliver(newer)).toMatchObject({
    outcome: 'conflict_applied',
    conflict: 'update_origin_differs',
  });
  expect(world.databases.left.rows('parents').get('1')!.values).toEqual({ name: 'right edit' });
  expect(world.databases.right.conflicts[0]).toMatchObject({
    verdict: 'kept',
    incoming: { row: { title: 'left edit' } },
    existing: { row: { title: 'right edit' } },
  });
});

test('an ordinary edit of a row that came from the other side is no conflict', async () => {
  const world = new TwoSides();
  const { target_key: key } = await world.deliver(world.insert('left', 'parents', { name: 'a' }));
  const edit = world.update('right', 'parents', key!, { title: 'b' });
  expect(await world.deliver(edit)).toMatchObject({ outcome: 'applied', target_key: '1' });
  const back = world.update('left', 'parents', '1', { name: 'c' });
  expect(await world.deliver(back)).toMatchObject({ outcome: 'applied' });
});

test('a child waits for its parent, a parent for the last child to go', async () => {
  const world = new TwoSides();
  const parent = world.insert('left', 'parents', { name: 'p' });
  const child = world.insert('left', 'children', { name: 'c', parent: '1' });
  await expect(world.deliver(child)).rejects.toMatchObject({ errorClass: 'waiting_for_row' });
  const { target_key: parentKey } = await world.deliver(parent);
  const { target_key: childKey } = await world.deliver(child);
  expect(world.databases.right.rows('children').get(childKey!)!.values).toEqual({
    title: 'c',
    parent: parentKey,
  });
  const childGone = world.remove('left', 'children', '2');
  const parentGone = world.remove('left', 'parents', '1');
  await expect(world.deliver(parentGone)).rejects.toMatchObject({ errorClass: 'waiting_for_row' });
  await world.deliver(childGone);
  expect(await world.deliver(parentGone)).toMatchObject({ outcome: 'applied' });
  expect(world.databases.right.rows('parents').size).toBe(0);
});

test('a child that is gone, and its parent too, needs no parent: a late event of it is stale', async () => {
  const world = new TwoSides();
  await world.deliver(world.insert('left', 'parents', { name: 'p' }));
  const child = world.insert('left', 'children', { name: 'c', parent: '1' });
  const edit = world.update('left', 'children', '2', { name: 'd' });
  await world.deliver(world.remove('left', 'children', '2'));
  await world.deliver(world.remove('left', 'parents', '1'));
  for (const late of [edit, child]) expect(await world.deliver(late)).toMatchObject({ outcome: 'stale' });
  expect(world.databases.right.rows('children').size).toBe(0);
});

test('a primary-key change keeps the target row, in both directions, and a late event of the old key makes no second', async () => {
  const world = new TwoSides();
  const { target_key: key } = await world.deliver(world.insert('left', 'parents', { name: 'a' }));
  const edit = world.update('right', 'parents', key!, { title: 'b' });
  await world.deliver(edit);
  const late = world.update('left', 'parents', '1', { name: 'c' });
  const moved = world.rekey('left', 'parents', '1', '77');
  expect(await world.deliver(moved)).toMatchObject({ outcome: 'applied', target_key: key });
  expect(await world.deliver(late)).toMatchObject({ outcome: 'stale' });
  expect(world.databases.right.rows('parents').size).toBe(1);
  const back = world.update('right', 'parents', key!, { title: 'd' });
  expect(await world.deliver(back)).toMatchObject({ outcome: 'applied', target_key: '77' });
  const again = world.insert('left', 'parents', { name: 'new under the old key' }, '1');
  expect(await world.deliver(again)).toMatchObject({ outcome: 'applied' });
  expect(world.databases.right.rows('parents').size).toBe(2);
  expect(image(world, 'left')).toEqual(image(world, 'right'));
});
