import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChangeEvent } from '../../../../src/change/event.ts';
import { parentsUnder } from '../../../support/parents-under.ts';
import { PolicySides } from './world.ts';

const pipeline = parentsUnder({ direction: 'one_way', key: 'same', load: false });

test('the target is not written, and every change has the outcome it would have', async () => {
  const world = new PolicySides(pipeline);
  const outcome = async (event: ChangeEvent) => (await world.deliver(event)).outcome;
  const insert = world.insert('left', 'parents', { name: 'a' }, '1');
  const update = world.update('left', 'parents', '1', { name: 'b' });
  const late = world.update('left', 'parents', '1', { name: 'c' });
  const removed = world.remove('left', 'parents', '1');
  const again = world.insert('left', 'parents', { name: 'd' }, '1');
  expect(await outcome(insert)).toBe('applied');
  expect(await world.deliver(update)).toMatchObject({ outcome: 'applied', target_key: '1' });
  expect(await outcome(removed)).toBe('applied');
  expect(await outcome(late)).toBe('stale');
  expect(await outcome(again)).toBe('applied');
  expect(world.databases.right.rows('parents').size).toBe(0);
});

test('whatever the order in which they come, the ledger ends with the rows that the source has', async () => {
  const step = fc.constantFrom('insert', 'update', 'remove');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), fc.infiniteStream(fc.nat()), async (steps, picks) => {
      const world = new PolicySides(pipeline);
      const source = world.databases.left.rows('parents');
      const events: ChangeEvent[] = [];
      for (const [index, what] of steps.entries()) {
        world.now.left += 10n;
        const values = { name: String(index) };
        if (what === 'insert' && !source.has('1')) events.push(world.insert('left', 'parents', values, '1'));
        if (what === 'update' && source.has('1')) events.push(world.update('left', 'parents', '1', values));
        if (what === 'remove' && source.has('1')) events.push(world.remove('left', 'parents', '1'));
      }
      while (events.length > 0)
        await world.deliver(events.splice((picks.next().value as number) % events.length, 1)[0]!);
      const alive = await world.databases.right.listIdentityKeys(
        { pipeline: 'pair', entity: 'parents', sourceSide: 'left', targetSide: 'right' },
        null,
        10,
      );
      expect(alive).toEqual(source.has('1') ? ['1'] : []);
    }),
  );
});
