import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChangeEvent } from '../../../../src/change/event.ts';
import { integer, text, timestamptz, uuid } from '../../../../src/pipeline/columns.ts';
import { table } from '../../../../src/pipeline/define.ts';
import { parentsUnder } from '../../../support/parents-under.ts';
import { PolicySides } from './world.ts';

const pipeline = parentsUnder({
  direction: 'one_way',
  key: 'uuid',
  tables: {
    left: table('parents', { id: integer(), name: text() }),
    right: table('parents', {
      id: uuid(),
      title: text(),
      source: text(),
      synced_at: timestamptz(),
      deleted_at: timestamptz().nullable(),
    }),
  },
  stamps: { deletedAt: 'deleted_at', syncedAt: 'synced_at', constants: { source: 'left' } },
});

const open = () => {
  const world = new PolicySides(pipeline);
  return { world, rows: world.databases.right.rows('parents') };
};

test('a row whose source row goes stays, marked, and comes back when that does', async () => {
  const { world, rows } = open();
  const { target_key: key } = await world.deliver(world.insert('left', 'parents', { name: 'a' }, '1'));
  expect(key).toMatch(/^[0-9a-f-]{36}$/);
  const row = () => rows.get(key!)!.values;
  expect(row()).toMatchObject({ title: 'a', source: 'left', deleted_at: null });
  expect(Date.now() - Date.parse(String(row()['synced_at']))).toBeLessThan(10_000);

  const removed = world.remove('left', 'parents', '1');
  expect(await world.deliver(removed)).toMatchObject({ outcome: 'applied', target_key: key });
  expect(row()['title']).toBe('a');
  expect(Date.parse(String(row()['deleted_at']))).toBe(Date.parse(removed.timestamp));

  const again = world.insert('left', 'parents', { name: 'b' }, '1');
  expect(await world.deliver(again)).toMatchObject({ outcome: 'applied', target_key: key });
  expect(row()).toMatchObject({ title: 'b', deleted_at: null });
  expect(rows.size).toBe(1);
});

test('an update that comes after its delete does not bring the row back', async () => {
  const { world, rows } = open();
  const { target_key: key } = await world.deliver(world.insert('left', 'parents', { name: 'a' }, '1'));
  const update = world.update('left', 'parents', '1', { name: 'late' });
  await world.deliver(world.remove('left', 'parents', '1'));
  expect(await world.deliver(update)).toMatchObject({ outcome: 'stale' });
  expect(rows.get(key!)!.values).toMatchObject({ title: 'a' });
  expect(rows.get(key!)!.values['deleted_at']).not.toBeNull();
});

test('whatever the order in which they come, the target ends as the source', async () => {
  const step = fc.constantFrom('insert', 'update', 'remove');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), fc.infiniteStream(fc.nat()), async (steps, picks) => {
      const { world, rows } = open();
      const source = world.databases.left.rows('parents');
      const events: ChangeEvent[] = [];
      for (const [index, what] of steps.entries()) {
        world.now.left += 10n;
        const there = source.has('1');
        const values = { name: String(index) };
        if (what === 'insert' && !there) events.push(world.insert('left', 'parents', values, '1'));
        if (what === 'update' && there) events.push(world.update('left', 'parents', '1', values));
        if (what === 'remove' && there) events.push(world.remove('left', 'parents', '1'));
      }
      while (events.length > 0)
        await world.deliver(events.splice((picks.next().value as number) % events.length, 1)[0]!);
      const [kept] = [...rows.values()];
      const alive = kept !== undefined && kept.values['deleted_at'] === null;
      expect(alive).toBe(source.has('1'));
      if (alive) expect(kept.values['title']).toBe(source.get('1')!.values['name']);
    }),
  );
});
