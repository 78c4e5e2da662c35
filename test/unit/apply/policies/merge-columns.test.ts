import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Row } from '../../../../src/change/value.ts';
import { integer, text } from '../../../../src/pipeline/columns.ts';
import { compilePipeline } from '../../../../src/pipeline/compile.ts';
import { definePipeline, entity, postgres, table } from '../../../../src/pipeline/define.ts';
import type { CompiledPipeline } from '../../../../src/pipeline/route.ts';
import type { SideName } from '../../../support/two-sides.ts';
import { column, PolicySides, run, schedule, skew } from './world.ts';

const merging = (key: 'generated' | 'same'): CompiledPipeline =>
  compilePipeline(
    definePipeline({
      name: 'pair',
      sides: { left: postgres({ url: 'postgres://left' }), right: postgres({ url: 'postgres://right' }) },
      entities: {
        parents: entity({
          tables: {
            left: table('parents', { id: integer(), name: text(), phone: text(), mail: text() }),
            right: table('parents', { id: integer(), title: text(), mobile: text(), address: text() }),
          },
          columns: { name: 'title', phone: 'mobile', mail: 'address' },
          conflicts: 'merge_columns',
          columnGroups: { contact: ['phone', 'mail'] },
          key,
        }),
      },
    }),
  );

const words = { left: ['name', 'phone', 'mail'], right: ['title', 'mobile', 'address'] } as const;

/** What the triggers of `merge_columns` do, beside the others. */
class MergingSides extends PolicySides {
  override insert(side: SideName, table: string, values: Row, key?: string, replaced?: bigint) {
    const [, phone, mail] = words[side];
    const event = super.insert(side, table, { [phone]: '0', [mail]: '0', ...values }, key, replaced);
    const { clock } = event;
    return this.#stamped(event, {
      sync_clock_rest: clock,
      sync_clock_contact: clock,
      sync_clock_born: clock,
    });
  }

  override update(side: SideName, table: string, key: string, given: Row) {
    const [name, phone] = words[side];
    // A schedule names one column and a value: odd values go to the other group.
    const value = given[column[side]];
    const changes = Object.keys(given).length === 1 && Number(value) % 2 === 1 ? { [phone]: value! } : given;
    const event = super.update(side, table, key, changes);
    const clocks = {
      ...(name in changes && { sync_clock_rest: event.clock }),
      ...(Object.keys(changes).some((each) => each !== name) && { sync_clock_contact: event.clock }),
    };
    return this.#stamped(event, clocks);
  }

  #stamped(event: ReturnType<PolicySides['update']>, clocks: Row) {
    const rows = this.databases[event.source as SideName].rows('parents');
    const row = rows.get(event.primary_key)!;
    rows.set(event.primary_key, { ...row, values: { ...row.values, ...clocks } });
    return { ...event, payload: { ...event.payload, ...clocks } };
  }

  override row = (side: SideName, key: string) => {
    const values = this.databases[side].rows('parents').get(key)?.values;
    return values && words[side].map((name) => values[name]).join();
  };
}

async function shared() {
  const world = new MergingSides(merging('generated'));
  const { target_key: key } = await world.deliver(world.insert('left', 'parents', { name: 'a' }));
  return { world, key: key! };
}

test.each(['generated', 'same'] as const)(
  'any order of delivery leaves both sides equal, keys %s',
  async (key) => {
    const pipeline = merging(key);
    await fc.assert(
      fc.asyncProperty(schedule, skew, async (steps, ahead) => {
        const world = new MergingSides(pipeline);
        await run(world, steps, ahead);
        expect(await world.differing()).toEqual([]);
      }),
      { numRuns: 400 },
    );
  },
);

test('edits of different groups both survive and are no conflict', async () => {
  const { world, key } = await shared();
  const name = world.update('left', 'parents', '1', { name: 'left' });
  const phone = world.update('right', 'parents', key, { mobile: '1', address: '1' });
  for (const event of [name, phone]) {
    const result = await world.deliver(event);
    expect(result).toMatchObject({ outcome: 'applied' });
    expect(result).not.toHaveProperty('conflict');
  }
  expect([world.row('left', '1'), world.row('right', key)]).toEqual(['left,1,1', 'left,1,1']);
});

test('within one group the later edit wins as a whole, and the other is recorded', async () => {
  const { world, key } = await shared();
  const earlier = world.update('left', 'parents', '1', { phone: 'left', name: 'left' });
  world.now.right += 10n;
  const later = world.update('right', 'parents', key, { address: 'right', mobile: '2' });
  expect(await world.deliver(earlier)).toMatchObject({ conflict: 'update_origin_differs' });
  expect(await world.deliver(later)).toMatchObject({
    outcome: 'conflict_applied',
    conflict: 'update_origin_differs',
  });
  expect([world.row('left', '1'), world.row('right', key)]).toEqual(['left,2,right', 'left,2,right']);
  expect(world.databases.right.conflicts).toMatchObject([
    { incoming: { row: { mobile: 'left' } }, existing: { row: { mobile: '2' } } },
  ]);
});

test('an edit that loses its whole group is recorded', async () => {
  const { world, key } = await shared();
  const earlier = world.update('left', 'parents', '1', { phone: 'left', mail: 'left' });
  world.now.right += 10n;
  world.update('right', 'parents', key, { mobile: 'right', address: 'right' });
  expect(await world.deliver(earlier)).toMatchObject({
    outcome: 'conflict_kept',
    conflict: 'update_origin_differs',
  });
  expect(world.databases.right.conflicts).toMatchObject([
    { verdict: 'kept', incoming: { row: { mobile: 'left' } } },
  ]);
});

test('a delete ends the row whatever is written to it meanwhile; a new row under its key is another one', async () => {
  const { world, key } = await shared();
  world.now.right += 500n;
  const edit = world.update('right', 'parents', key, { title: 'late' });
  const removed = world.remove('left', 'parents', '1');
  expect(await world.deliver(edit)).toMatchObject({
    outcome: 'conflict_kept',
    conflict: 'update_recently_deleted',
  });
  expect(await world.deliver(removed)).toMatchObject({
    outcome: 'conflict_applied',
    conflict: 'delete_origin_differs',
  });
  const again = world.insert('left', 'parents', { name: 'again' }, '1');
  expect(await world.deliver(again)).toMatchObject({ outcome: 'applied', target_key: key });
  expect(await world.deliver({ ...edit, event_id: removed.event_id.replace(/^./, 'f') })).toMatchObject({
    outcome: 'conflict_kept',
  });
  expect(world.row('right', key)).toBe('again,0,0');
});

test('an app that writes after an older edit came in still writes the newest version of a group', async () => {
  const { world, key } = await shared();
  world.now.right += 500n;
  const title = world.update('right', 'parents', key, { title: 'ahead' });
  await world.deliver(world.update('left', 'parents', '1', { phone: '1' }));
  world.now.right -= 500n;
  const again = world.update('right', 'parents', key, { title: 'after' });
  await world.deliver(again);
  await world.deliver(title);
  expect([world.row('left', '1'), world.row('right', key)]).toEqual(['after,1,0', 'after,1,0']);
});

test('a version that is there already changes nothing', async () => {
  const world = new MergingSides(merging('generated'));
  const created = world.insert('left', 'parents', { name: 'a' });
  await world.deliver(created);
  const read = { ...created, event_id: created.event_id.replace(/^./, 'f'), snapshot: true };
  expect(await world.deliver(read)).toMatchObject({ outcome: 'unchanged', replayed: false });
});
