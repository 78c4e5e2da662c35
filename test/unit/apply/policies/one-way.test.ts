import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChangeEvent } from '../../../../src/change/event.ts';
import { parentsUnder } from '../../../support/parents-under.ts';
import { PolicySides } from './world.ts';

const policies = {
  source_wins: parentsUnder({ conflicts: 'source_wins', direction: 'one_way' }),
  target_wins: parentsUnder({ conflicts: 'target_wins', direction: 'one_way' }),
};

/** The target's app, which keeps no clock. */
class OneWay extends PolicySides {
  get target() {
    return this.databases.right.rows('parents');
  }

  edit = (key: string, title: string) => this.target.set(key, { values: { title }, clock: null });

  async synced(name = 'a') {
    const { target_key: key } = await this.deliver(this.insert('left', 'parents', { name }));
    return key!;
  }
}

describe.each(['source_wins', 'target_wins'] as const)('%s', (policy) => {
  const kept = policy === 'target_wins';
  const outcome = kept ? 'conflict_kept' : 'conflict_applied';

  test("the target's own edit is kept or overwritten, and recorded", async () => {
    const world = new OneWay(policies[policy]);
    const key = await world.synced();
    world.edit(key, 'own');
    const update = world.update('left', 'parents', '1', { name: 'b' });
    expect(await world.deliver(update)).toMatchObject({ outcome, conflict: 'update_origin_differs' });
    expect(world.row('right', key)).toBe(kept ? 'own' : 'b');
    const removed = world.remove('left', 'parents', '1');
    expect(await world.deliver(removed)).toMatchObject(
      kept ? { outcome, conflict: 'delete_origin_differs' } : { outcome: 'applied' },
    );
    expect(world.target.has(key)).toBe(kept);
  });

  test("the target's own delete is kept or undone, and recorded", async () => {
    const world = new OneWay(policies[policy]);
    const key = await world.synced();
    world.target.delete(key);
    const update = world.update('left', 'parents', '1', { name: 'b' });
    expect(await world.deliver(update)).toMatchObject({ outcome, conflict: 'update_missing' });
    expect(world.row('right', key)).toBe(kept ? undefined : 'b');
  });

  test('a row deleted on both sides is one conflict, and a new one under its key flows', async () => {
    const world = new OneWay(policies[policy]);
    const key = await world.synced();
    world.target.delete(key);
    expect(await world.deliver(world.remove('left', 'parents', '1'))).toMatchObject({
      outcome: 'unchanged',
      conflict: 'delete_missing',
    });
    const again = world.insert('left', 'parents', { name: 'again' }, '1');
    expect(await world.deliver(again)).toMatchObject({ outcome: 'applied' });
    expect(world.row('right', key)).toBe('again');
  });

  test('a row that was there before Tandem flows on where it is in step', async () => {
    const world = new OneWay(parentsUnder({ conflicts: policy, direction: 'one_way', key: 'same' }));
    for (const key of ['7', '8']) {
      world.insert('left', 'parents', { name: 'a' }, key);
      world.edit(key, key === '7' ? 'a' : 'other');
    }
    const update = (key: string) => world.deliver(world.update('left', 'parents', key, { name: 'b' }));
    expect(await update('7')).toMatchObject({ outcome: 'applied', target_key: '7' });
    expect(await update('8')).toMatchObject({ outcome, target_key: '8' });
  });

  test('a row the source inserts under a key the target has taken', async () => {
    const world = new OneWay(parentsUnder({ conflicts: policy, direction: 'one_way', key: 'same' }));
    world.edit('7', 'own');
    const created = world.insert('left', 'parents', { name: 'a' }, '7');
    expect(await world.deliver(created)).toMatchObject({ outcome, conflict: 'insert_exists' });
  });

  test('events come in any order; what the target never touched is as the source has it', async () => {
    const write = fc.record({
      do: fc.constantFrom(
        'insert',
        'update',
        'update',
        'delete',
        'again',
        'edit',
        'edit',
        'drop',
        'deliver',
        'deliver',
      ),
      pick: fc.nat(),
      value: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 5, maxLength: 50 }), async (steps) => {
        const world = new OneWay(policies[policy]);
        const source = world.databases.left.rows('parents');
        const flight: ChangeEvent[] = [];
        const deliver = async (pick: number) => {
          const [event] = flight.splice(pick % flight.length, 1);
          if (event) await world.deliver(event);
        };
        const touched = new Map<string, string | undefined>();
        for (const { do: what, pick, value } of steps) {
          const keys = [...source.keys()];
          const key = keys[pick % keys.length];
          const own = [...world.target.keys()][pick % world.target.size];
          if (what === 'deliver' && flight.length > 0) await deliver(pick);
          else if (what === 'insert' || key === undefined)
            flight.push(world.insert('left', 'parents', { name: String(value) }));
          else if (what === 'update')
            flight.push(world.update('left', 'parents', key, { name: String(value) }));
          else if (what === 'delete') flight.push(world.remove('left', 'parents', key));
          else if (what === 'again')
            flight.push(
              world.remove('left', 'parents', key),
              world.insert('left', 'parents', { name: String(value) }, key),
            );
          else if (own !== undefined && what === 'edit') {
            world.edit(own, `own ${value}`);
            touched.set(own, `own ${value}`);
          } else if (own !== undefined && what === 'drop') {
            world.target.delete(own);
            touched.set(own, undefined);
          }
        }
        while (flight.length > 0) await deliver(flight.length * 7);
        // A last change of every row, so that `source_wins` has had its say.
        for (const key of source.keys())
          await world.deliver(world.update('left', 'parents', key, { name: `last ${key}` }));
        const matched = new Set<string>();
        for (const { left, right } of await world.pairs()) {
          if (right !== null) matched.add(right);
          const partner = right ?? '';
          if (left === null) {
            // The source's row is gone; only an own version of the target may be left.
            expect(kept && touched.has(partner)).toBe(true);
          } else if (right === null) expect(kept).toBe(true);
          else if (
            kept &&
            touched.get(partner) !== undefined &&
            world.row('right', partner) !== `last ${left}`
          )
            expect(world.row('right', partner)).toBe(touched.get(partner));
          else expect(world.row('right', partner)).toBe(`last ${left}`);
        }
        if (kept)
          for (const [key, value] of touched)
            if (
              value !== undefined &&
              world.target.has(key) &&
              !world.row('right', key)!.toString().startsWith('last')
            )
              expect(world.row('right', key)).toBe(value);
      }),
      { numRuns: 300 },
    );
  });
});
