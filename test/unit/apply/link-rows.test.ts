import { beforeEach, expect, test } from '@jest/globals';
import { linkRows, NotLinked } from '../../../src/apply/link-rows.ts';
import type { ChangeEvent } from '../../../src/change/event.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { pair, sidePair, TwoSides } from '../../support/two-sides.ts';
import type { SideName } from '../../support/two-sides.ts';

let world: TwoSides;
let events: Record<SideName, ChangeEvent>;

/** Both sides make a row of one unique value, the left one the newer. */
beforeEach(async () => {
  world = new TwoSides({ unique: true });
  const right = world.insert('right', 'parents', { title: 'a' });
  world.now.left += 10n;
  const left = world.insert('left', 'parents', { name: 'a' });
  events = { left, right };
  for (const side of sidePair)
    await expect(world.deliver(events[side])).rejects.toMatchObject({ errorClass: 'constraint' });
});

const link = (left: string, right: string) =>
  linkRows({
    route: pair.route('parents', 'left')!,
    back: pair.route('parents', 'right'),
    databases: new Map(Object.entries(world.databases)),
    keys: new Map([
      ['left', left],
      ['right', right],
    ]),
  });

async function expectOne() {
  expect(await world.deliver(events.right)).toMatchObject({ target_key: '1' });
  expect(await world.deliver(events.left)).toMatchObject({ outcome: 'applied', target_key: '1000001' });
  const edit = world.update('right', 'parents', '1000001', { title: 'b' });
  expect(await world.deliver(edit)).toMatchObject({ outcome: 'applied', target_key: '1' });
  for (const side of sidePair) expect(world.databases[side].rows('parents').size).toBe(1);
}

test('two rows that clash become one, and the events of both apply', async () => {
  expect(await link('1', '1000001')).toBe(true);
  await expectOne();
  expect(await link('1', '1000001')).toBe(false);
});

test('broken off between the ledgers it is run again', async () => {
  world.databases.right.interrupt = (method) => {
    if (method === 'saveIdentity') throw new SyncError('unavailable', 'broken off');
  };
  await expect(link('1', '1000001')).rejects.toThrow('broken off');
  world.databases.right.interrupt = null;
  expect(await link('1', '1000001')).toBe(true);
  await expectOne();
});

test('a row that is paired with another, or does not exist, is refused', async () => {
  const other = world.insert('left', 'parents', { name: 'other' });
  const { target_key: there } = await world.deliver(other);
  const alone = world.insert('right', 'parents', { title: 'alone' });
  for (const [left, right] of [
    ['1', there!],
    [other.primary_key, alone.primary_key],
    ['1', '77'],
    ['77', '1000001'],
  ] as const)
    await expect(link(left, right)).rejects.toThrow(NotLinked);
  await link('1', '1000001');
  await expect(link('1', alone.primary_key)).rejects.toThrow(/is another row on (left|right) already/);
});
