import { expect, test } from '@jest/globals';
import { agree, rotate, worldOf } from '../../support/named-sides.ts';

const waits = { errorClass: 'waiting_for_row' };
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
