import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChangeEvent } from '../../../src/change/event.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { sidePair, TwoSides } from '../../support/two-sides.ts';
import type { SideName } from '../../support/two-sides.ts';

const waits = { errorClass: 'waiting_for_row' };
const column = { left: 'name', right: 'title' } as const;

async function worldOf(...names: string[]): Promise<TwoSides> {
  const world = new TwoSides({ unique: true });
  for (const name of names) await world.deliver(world.insert('left', 'parents', { name }));
  return world;
}

const names = (world: TwoSides, side: SideName) =>
  [...world.databases[side].rows('parents').values()]
    .map(({ values, clock }) => `${String(values[column[side]])}@${clock}`)
    .toSorted();

const agree = (world: TwoSides) => expect(names(world, 'left')).toEqual(names(world, 'right'));

test('a value handed on waits until the row that held it has let it go', async () => {
  const world = await worldOf('a');
  const letGo = world.update('left', 'parents', '1', { name: 'b' });
  const handed = world.insert('left', 'parents', { name: 'a' });
  await expect(world.deliver(handed)).rejects.toMatchObject(waits);
  await world.deliver(letGo);
  expect(await world.deliver(handed)).toMatchObject({ outcome: 'applied' });
  agree(world);
});

test('a row made again under a new key waits until the one before is deleted', async () => {
  const world = await worldOf('a');
  const deleted = world.remove('left', 'parents', '1');
  const again = world.insert('left', 'parents', { name: 'a' });
  await expect(world.deliver(again)).rejects.toMatchObject(waits);
  await world.deliver(deleted);
  expect(await world.deliver(again)).toMatchObject({ outcome: 'applied' });
  agree(world);
});

test('an event whose own row has gone on waits for what follows', async () => {
  const world = await worldOf('a');
  const first = world.insert('right', 'parents', { title: 'b' });
  const over = world.insert('left', 'parents', { name: 'b' });
  const renamed = world.update('left', 'parents', '2', { name: 'c' });
  await expect(world.deliver(over)).rejects.toMatchObject(waits);
  await world.deliver(renamed);
  expect(await world.deliver(over)).toMatchObject({ outcome: 'stale' });
  await world.deliver(first);
  agree(world);
});

test('a value both sides gave to different rows names both', async () => {
  const world = await worldOf();
  const left = world.insert('left', 'parents', { name: 'a' });
  const right = world.insert('right', 'parents', { title: 'a' });
  const error: unknown = await world.deliver(left).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    errorClass: 'constraint',
    constraint: 'parents_title',
    rows: [
      { entity: 'parents', side: 'left', key: '1' },
      { entity: 'parents', side: 'right', key: '1000001' },
    ],
  });
  expect(String(error)).not.toContain('1000001');
  await expect(world.deliver(right)).rejects.toMatchObject({ errorClass: 'constraint' });
});

test('rows of one value after two edits, the target the newer, are no wait', async () => {
  const world = await worldOf('a', 'b');
  world.now.right += 100n;
  const right = world.update('right', 'parents', '1000002', { title: 'z' });
  const left = [
    world.update('left', 'parents', '1', { name: 'z' }),
    world.update('left', 'parents', '2', { name: 'c' }),
  ];
  await expect(world.deliver(left[0]!)).rejects.toMatchObject({ errorClass: 'constraint' });
  await expect(world.deliver(right)).rejects.toMatchObject({ errorClass: 'constraint' });
});

/** Gives each row the next one's name at once, as one statement with a deferred constraint does. */
function rotate(world: TwoSides, keys: readonly string[]): ChangeEvent[] {
  const rows = world.databases.left.rows('parents');
  const taken = keys.map((_, at) => rows.get(keys[(at + 1) % keys.length]!)!.values['name']!);
  return keys.map((key, at) => world.update('left', 'parents', key, { name: taken[at]! }));
}

test.each([2, 3, 5])('%i rows that exchange their values in a circle do so on the target', async (size) => {
  const world = await worldOf(...Array.from({ length: size }, (_, at) => `n${at}`));
  const keys = [...world.databases.left.rows('parents').keys()];
  const events = rotate(world, keys);
  expect(await world.deliver(events[0]!)).toMatchObject({ outcome: 'applied', target_key: '1000001' });
  agree(world);
  for (const event of events.slice(1))
    expect(await world.deliver(event)).toMatchObject({ outcome: 'unchanged' });
  expect(await world.deliver(events[0]!)).toMatchObject({ outcome: 'applied', replayed: true });
  const edit = world.update('right', 'parents', '1000002', { title: 'after' });
  expect(await world.deliver(edit)).toMatchObject({ outcome: 'applied', target_key: '2' });
  agree(world);
});

test('an edit that an exchange overwrites is recorded', async () => {
  const world = await worldOf('a');
  await world.deliver(world.insert('right', 'parents', { title: 'b' }));
  world.update('right', 'parents', '1000002', { title: 'x' });
  const edited = world.update('right', 'parents', '1000002', { title: 'b' });
  world.now.left += 100n;
  const [first] = rotate(world, ['1', '2']);
  await world.deliver(first!);
  expect(world.databases.right.conflicts).toMatchObject([
    { targetKey: '1000002', verdict: 'applied', existing: { row: { title: 'b' } } },
  ]);
  expect(await world.deliver(edited)).toMatchObject({ outcome: 'conflict_kept' });
  agree(world);
});

test('an exchange leaves a newer row of the target alone', async () => {
  const world = await worldOf('a', 'b');
  const [first] = rotate(world, ['1', '2']);
  world.now.right += 100n;
  world.update('right', 'parents', '1000002', { title: 'x' });
  world.update('right', 'parents', '1000002', { title: 'b' });
  await expect(world.deliver(first!)).rejects.toMatchObject({ errorClass: 'constraint' });
});

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
