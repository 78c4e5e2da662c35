import { beforeEach, expect, test } from '@jest/globals';
import type { ChangeEvent } from '../../../src/change/event.ts';
import { applyEvent } from '../../../src/apply/apply-event.ts';
import { linkRows } from '../../../src/apply/link-rows.ts';
import { resolveIdentity } from '../../../src/apply/resolve-identity.ts';
import { transformChange } from '../../../src/pipeline/transform.ts';
import { matched, parentsUnder } from '../../support/parents-under.ts';
import { sidePair, TwoSides } from '../../support/two-sides.ts';
import type { SideName } from '../../support/two-sides.ts';

const unmatched = parentsUnder({});
const of = { pipeline: 'pair', entity: 'parents' };

let world: TwoSides;
beforeEach(() => {
  world = new TwoSides({ unique: true });
});

async function deliver(event: ChangeEvent, under = matched) {
  const route = under.route('parents', event.source)!;
  const deps = {
    route,
    source: world.databases[event.source as SideName],
    target: world.databases[route.target.side as SideName],
  };
  return applyEvent(deps, event, transformChange(route, event), await resolveIdentity(deps, event));
}

const make = () => ({
  left: world.insert('left', 'parents', { name: 'a' }),
  right: world.insert('right', 'parents', { title: 'a' }),
});

async function expectOnePair(left: string, right: string) {
  expect(await world.databases.left.findClaim(of, { fixedKey: left })).toEqual({
    fixedKey: left,
    otherKey: right,
  });
  world.now.right += 100n;
  expect(await deliver(world.update('right', 'parents', right, { title: 'b' }))).toMatchObject({
    outcome: 'applied',
    target_key: left,
  });
  world.now.left += 200n;
  expect(await deliver(world.update('left', 'parents', left, { name: 'c' }))).toMatchObject({
    outcome: 'applied',
    target_key: right,
  });
  for (const side of sidePair) expect(world.databases[side].rows('parents').size).toBe(1);
}

test.each([
  ['left', 'right'],
  ['right', 'left'],
] as const)('rows that both sides made become one pair, whichever comes first (%s)', async (...order) => {
  const events = make();
  for (const side of order)
    expect(await deliver(events[side])).toMatchObject({
      target_key: events[side === 'left' ? 'right' : 'left'].primary_key,
    });
  await expectOnePair(events.left.primary_key, events.right.primary_key);
});

test('a row that an event of the other direction is settling is waited for', async () => {
  const events = make();
  await world.databases.left.transaction((tx) =>
    tx.insertClaim(of, { fixedKey: events.left.primary_key, otherKey: null }),
  );
  await expect(deliver(events.right)).rejects.toMatchObject({ errorClass: 'waiting_for_row' });
  await deliver(events.left);
  expect(await deliver(events.right)).toMatchObject({ target_key: events.left.primary_key });
  await expectOnePair(events.left.primary_key, events.right.primary_key);
});

test.each(sidePair)(
  'a pair from before the natural key is claimed by its next event, from %s',
  async (first) => {
    const left = world.insert('left', 'parents', { name: 'a' });
    const { target_key: right } = await deliver(left, unmatched);
    world.now[first] += 10n;
    const edit =
      first === 'left'
        ? world.update('left', 'parents', '1', { name: 'z' })
        : world.update('right', 'parents', right!, { title: 'z' });
    expect(await deliver(edit)).toMatchObject({ outcome: 'applied' });
    await expectOnePair('1', right!);
  },
);

test('a row whose key its app changes takes its claim along', async () => {
  const events = make();
  await deliver(events.left);
  await deliver(events.right);
  expect(await deliver(world.rekey('left', 'parents', '1', '9'))).toMatchObject({ target_key: '1000001' });
  const moved = world.rekey('right', 'parents', '1000001', '1000009');
  expect(await deliver(moved)).toMatchObject({ target_key: '9' });
  await expectOnePair('9', '1000009');
});

test.each(sidePair)(
  'a key changed on %s and an edit under the new key may come in any order: one pair stays',
  async (side) => {
    const column = side === 'left' ? 'name' : 'title';
    const created = world.insert(side, 'parents', { [column]: 'a' });
    const { target_key: pair } = await deliver(created);
    const moved = world.rekey(side, 'parents', created.primary_key, '77');
    const edited = world.update(side, 'parents', '77', { [column]: 'a' });
    await deliver(edited).catch(() => {});
    expect(await deliver(moved)).toMatchObject({ target_key: pair });
    expect(await deliver(edited)).toMatchObject({ target_key: pair });
    const rows = world.databases[side === 'left' ? 'right' : 'left'].rows('parents');
    expect([...rows].map(([key, { values }]) => [key, Object.values(values)])).toEqual([[pair, ['a']]]);
  },
);

test('a row under the key of one whose pair ended, beside a new one of its natural key, is linked by an operator', async () => {
  const old = make();
  for (const side of sidePair) await deliver(old[side]);
  await deliver(world.remove('right', 'parents', old.right.primary_key));
  world.now.left += 100n;
  world.now.right += 110n;
  const left = world.insert('left', 'parents', { name: 'b' });
  const right = world.insert('right', 'parents', { title: 'b' }, old.right.primary_key);
  for (const event of [left, right])
    await expect(deliver(event)).rejects.toMatchObject({
      errorClass: 'constraint',
      rows: [{ key: event.primary_key }, { key: (event === left ? right : left).primary_key }],
    });
  const linked = await linkRows({
    route: matched.route('parents', 'left')!,
    back: matched.route('parents', 'right'),
    databases: new Map(Object.entries(world.databases)),
    keys: new Map([
      ['left', left.primary_key],
      ['right', right.primary_key],
    ]),
  });
  expect(linked).toBe(true);
  for (const event of [left, right]) await deliver(event);
  await expectOnePair(left.primary_key, right.primary_key);

  const again = world.insert('left', 'parents', { name: 'd' }, old.left.primary_key);
  const { target_key: other } = await deliver(again);
  expect(other).not.toBe(right.primary_key);
  expect(await deliver({ ...old.left, event_id: again.event_id.replace(/^./, 'f') })).toMatchObject({
    outcome: 'stale',
    target_key: other,
  });
});
