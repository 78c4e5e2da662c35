import { describe, expect, test } from '@jest/globals';
import type { ActivityDeps } from '../../../src/activities/deps.ts';
import { repairRowsActivity } from '../../../src/activities/verify/repair-rows.ts';
import { applyEvent } from '../../../src/apply/apply-event.ts';
import { resolveIdentity } from '../../../src/apply/resolve-identity.ts';
import { lookAtPairs } from '../../../src/apply/verify/look-at-pairs.ts';
import type { ChangeEvent } from '../../../src/change/event.ts';
import { Fuse } from '../../../src/errors/fuse.ts';
import { defaultRetryLimits } from '../../../src/errors/policy.ts';
import type { Row } from '../../../src/change/value.ts';
import type { ConflictPolicy, EntityDefinition } from '../../../src/pipeline/define.ts';
import { transformChange } from '../../../src/pipeline/transform.ts';
import type { Repaired } from '../../../src/temporal/verify.ts';
import { parentsUnder } from '../../support/parents-under.ts';
import { TwoSides } from '../../support/two-sides.ts';
import type { SideName } from '../../support/two-sides.ts';

const of = { entity: 'parents', side: 'left', other: 'right', twoWay: true };

/** A parent on both sides, which somebody damages on one of them. */
async function world(own: Partial<EntityDefinition>, groups: Row = {}) {
  const apps = new TwoSides();
  const { left, right } = apps.databases;
  const pipeline = parentsUnder(own);
  const forth = { route: pipeline.route('parents', 'left')!, source: left, target: right };
  const back = pipeline.route('parents', 'right');
  const deliver = async (event: ChangeEvent) => {
    const way =
      event.source === 'left'
        ? { ...forth, back }
        : { route: back!, back: forth.route, source: right, target: left };
    const bare = forth.route.source.clock === null ? { ...event, clock: null } : event;
    return applyEvent(way, bare, transformChange(way.route, bare), await resolveIdentity(way, bare));
  };
  const deps = {
    pipeline,
    databases: new Map([
      ['left', left],
      ['right', right],
    ]),
    fuse: new Fuse({ errors: 0, windowMs: 1000 }),
    observer: { applied: () => {} },
    pauses: { open: [] },
    limits: defaultRetryLimits,
  } as unknown as ActivityDeps;
  const key = apps.insert('left', 'parents', { name: 'whole', ...groups });
  const other = (await deliver(key)).target_key!;
  const keys = { left: key.primary_key, right: other };
  const column = { left: 'name', right: 'title' };
  return {
    apps,
    deliver,
    keys,
    conflicts: () => [...left.conflicts, ...right.conflicts],
    look: async () => (await lookAtPairs(forth, [{ key: keys.left, other: keys.right }]))[0]!,
    /** Without a trace, under the clock the row had. */
    damage: (side: SideName, value: string | null): void => {
      const rows = apps.databases[side].rows('parents');
      const row = rows.get(keys[side])!;
      if (value === null) rows.delete(keys[side]);
      else rows.set(keys[side], { ...row, values: { ...row.values, [column[side]]: value } });
    },
    edit: (side: SideName, value: string, more: Row = {}) =>
      deliver(apps.update(side, 'parents', keys[side], { [column[side]]: value, ...more })),
    clocks: () =>
      (['left', 'right'] as const).map((side) => {
        const { values, clock } = apps.databases[side].rows('parents').get(keys[side])!;
        return [clock, values['sync_clock_named'], values['sync_clock_born']];
      }),
    values: () =>
      (['left', 'right'] as const).map(
        (side) => apps.databases[side].rows('parents').get(keys[side])?.values[column[side]],
      ),
    repair: async (from: string | null, before: () => void = () => {}): Promise<Repaired> => {
      const { key, other, look, kind, side } = (
        await lookAtPairs(forth, [{ key: keys.left, other: keys.right }])
      )[0]!;
      before();
      const finding = { key, other, look, kind: kind!, side, first: '', columns: [] };
      const order = { from, dryRun: false };
      const input = { pipeline: 'pair', entity: of, findings: [finding], order, run: 'run' };
      return (await repairRowsActivity(deps)(input))[0]!;
    },
  };
}

const policies: ConflictPolicy[] = ['last_write_wins', 'side:left', 'side:right', 'manual'];

describe.each(policies)('under %s', (conflicts) => {
  test.each(['left', 'right'] as const)('what %s holds becomes a version of both sides', async (from) => {
    const { damage, repair, values, look, edit } = await world({ conflicts });
    damage('right', 'damaged');
    const is = from === 'left' ? 'whole' : 'damaged';
    expect(await repair(from)).toMatchObject({
      state: 'done',
      writes: [{ write: 'update', side: from === 'left' ? 'right' : 'left', columns: [{ after: is }] }],
    });
    expect(values()).toEqual([is, is]);
    expect((await look()).kind).toBeNull();
    for (const side of ['left', 'right'] as const) {
      await edit(side, `edited on ${side}`);
      expect(values()).toEqual([`edited on ${side}`, `edited on ${side}`]);
    }
  });

  test('a row comes back, or goes, as the side says', async () => {
    for (const [from, expected] of [
      ['left', 'whole'],
      ['right', undefined],
    ] as const) {
      const { damage, repair, values } = await world({ conflicts });
      damage('right', null);
      expect(await repair(from)).toMatchObject({ state: 'done' });
      expect(values()).toEqual([expected, expected]);
    }
  });

  test('a row that is another version by now is left to be looked at again', async () => {
    for (const side of ['left', 'right'] as const) {
      const { damage, repair, edit, values, apps } = await world({ conflicts });
      damage('right', 'damaged');
      apps.now[side] += 1000n;
      let later: Promise<unknown> = Promise.resolve();
      expect(await repair('left', () => void (later = edit(side, 'later')))).toEqual({ state: 'changed' });
      await later;
      expect(values()).toEqual(['later', 'later']);
    }
  });
});

test('a change of the right side between the look and the write is not taken for the repair', async () => {
  const { apps, damage, repair, deliver, keys, values } = await world({});
  damage('right', 'damaged');
  const { left } = apps.databases;
  const late: ChangeEvent[] = [];
  left.interrupt = (call, when) => {
    if (call === 'lockRow' && when === 'before' && late.length === 0)
      late.push(apps.update('left', 'parents', keys.left, { name: 'later' }));
  };
  expect(await repair('left')).toEqual({ state: 'changed' });
  await deliver(late[0]!);
  expect(values()).toEqual(['later', 'later']);
});

test('by policy: of one version the row that is as Tandem wrote it, and a newer one over it', async () => {
  const lost = await world({});
  lost.damage('right', 'damaged');
  await lost.repair(null);
  expect(lost.conflicts()).toMatchObject([{ verdict: 'applied', existing: { row: { title: 'damaged' } } }]);
  expect(lost.values()).toEqual(['whole', 'whole']);
  lost.apps.now.right += 1000n;
  lost.apps.update('right', 'parents', lost.keys.right, { title: 'an event that never came' });
  await lost.repair(null);
  expect(lost.values()).toEqual(['an event that never came', 'an event that never came']);
  const manual = await world({ conflicts: 'manual' });
  manual.damage('right', 'damaged');
  expect(await manual.repair(null)).toMatchObject({ state: 'left', why: expect.stringContaining('--from') });
});

test('under merge_columns all groups of the row become the new version’s', async () => {
  const own = { conflicts: 'merge_columns', columnGroups: { named: ['name'] } } as const;
  const { damage, repair, values, edit, clocks } = await world(own, {
    sync_clock_named: '1000',
    sync_clock_rest: '1000',
    sync_clock_born: '1000',
  });
  damage('right', 'damaged');
  expect(await repair('right')).toMatchObject({ state: 'done', writes: [{ write: 'update', side: 'left' }] });
  expect(values()).toEqual(['damaged', 'damaged']);
  expect(clocks()).toEqual([
    [1001n, '1001', '1000'],
    [1001n, '1001', '1000'],
  ]);
  await edit('left', 'later', { sync_clock_named: '2000' });
  expect(values()).toEqual(['later', 'later']);
  damage('right', null);
  expect(await repair('left')).toMatchObject({ state: 'done', writes: [{ write: 'insert', side: 'right' }] });
  expect(values()).toEqual(['later', 'later']);
});

test('without row clocks the side that wins is given anew, and the other cannot be right', async () => {
  const { damage, repair, values } = await world({ clock: null, conflicts: 'side:left' });
  damage('right', 'damaged');
  expect(await repair('right')).toMatchObject({ state: 'left', why: expect.stringContaining('only left') });
  expect(await repair(null)).toMatchObject({ state: 'done' });
  expect(values()).toEqual(['whole', 'whole']);
  damage('left', null);
  expect(await repair(null)).toMatchObject({ state: 'done' });
  expect(values()).toEqual([undefined, undefined]);
});

test('a row that the right side never had goes, and does not come back by an older change', async () => {
  const { apps, deliver, keys, values, repair } = await world({});
  const { left, right } = apps.databases;
  const late = apps.insert('right', 'parents', { title: 'extra' });
  Object.assign(keys, { left: null, right: late.primary_key });
  expect(await repair('left')).toMatchObject({ state: 'done', writes: [{ write: 'delete', side: 'right' }] });
  expect(await deliver(late)).toMatchObject({ outcome: 'stale' });
  expect([left, right].map((side) => side.rows('parents').size)).toEqual([1, 1]);
  expect(values()).toEqual([undefined, undefined]);
});

test('a one-way row is read anew from its source, and goes where that is gone', async () => {
  const { damage, repair, values } = await world({ direction: 'one_way' });
  damage('right', 'damaged');
  expect(await repair(null)).toMatchObject({ state: 'done', writes: [{ write: 'update', side: 'right' }] });
  expect(values()).toEqual(['whole', 'whole']);
  damage('left', null);
  expect(await repair(null)).toMatchObject({ state: 'done', writes: [{ write: 'delete', side: 'right' }] });
  expect(values()).toEqual([undefined, undefined]);
});
