import { describe, expect, test } from '@jest/globals';
import { applyHint } from '../../../../src/apply/apply-hint.ts';
import type { ChangeEvent } from '../../../../src/change/event.ts';
import { readId } from '../../../../src/change/event-id.ts';
import { parentsUnder } from '../../../support/parents-under.ts';
import { PolicySides } from './world.ts';

class Hints extends PolicySides {
  #runs = 0;

  hint(key: string, run = String((this.#runs += 1))) {
    const of = { pipeline: 'pair', entity: 'parents', side: 'left', key };
    const timestamp = '2026-01-08T10:00:00.000Z';
    const deps = this.deps({ entity_type: 'parents', source: 'left' } as ChangeEvent);
    return applyHint(deps, { eventId: readId(of, run), entity: 'parents', side: 'left', key, timestamp });
  }

  /** Something that happens once a row was read, before what was read is brought. */
  afterRead(work: () => Promise<unknown>) {
    const { left } = this.databases;
    left.interrupt = async (method, moment) => {
      if (method !== 'findRow' || moment !== 'after') return;
      left.interrupt = null;
      await work();
    };
  }
}

describe.each([
  ['one_way', parentsUnder({ conflicts: 'source_wins', direction: 'one_way' })],
  ['two_way', parentsUnder({ conflicts: 'last_write_wins' })],
] as const)('a row that is read, %s', (direction, pipeline) => {
  const twoWay = direction === 'two_way';

  test('comes as it is now, once for each time it is told of', async () => {
    const world = new Hints(pipeline);
    world.insert('left', 'parents', { name: 'a' });
    expect(await world.hint('1', 'run')).toMatchObject({ outcome: 'applied', replayed: false });
    world.update('left', 'parents', '1', { name: 'b' });
    expect(await world.hint('1', 'run')).toMatchObject({ outcome: 'applied', replayed: true });
    const { target_key: key } = await world.hint('1', 'another');
    expect(world.row('right', key!)).toBe('b');
  });

  test('does not outrank a change that was applied since it was read', async () => {
    const world = new Hints(pipeline);
    const { target_key: key } = await world.deliver(world.insert('left', 'parents', { name: 'old' }));
    world.afterRead(() => world.deliver(world.update('left', 'parents', '1', { name: 'new' })));
    const read = world.hint('1');
    if (twoWay) expect(await read).toMatchObject({ outcome: 'stale' });
    else await expect(read).rejects.toMatchObject({ errorClass: 'contention' });
    expect(world.row('right', key!)).toBe('new');
    await world.hint('1');
    expect(world.row('right', key!)).toBe('new');
  });

  test('does not bring back a row whose first change was its end', async () => {
    const world = new Hints(pipeline);
    world.insert('left', 'parents', { name: 'a' });
    world.afterRead(() => world.deliver(world.remove('left', 'parents', '1')));
    const read = world.hint('1');
    if (twoWay) expect(await read).toMatchObject({ outcome: 'stale' });
    else await expect(read).rejects.toMatchObject({ errorClass: 'contention' });
    expect([...world.databases.right.rows('parents')]).toEqual([]);
  });

  test('is overtaken by the change that a transaction had not committed yet', async () => {
    const world = new Hints(pipeline);
    world.insert('left', 'parents', { name: 'old' });
    const { target_key: key } = await world.hint('1');
    expect(world.row('right', key!)).toBe('old');
    await world.deliver(world.update('left', 'parents', '1', { name: 'new' }));
    expect(world.row('right', key!)).toBe('new');
  });

  if (twoWay)
    test('and that Tandem wrote there is the other side’s version: nothing is written back', async () => {
      const world = new Hints(pipeline);
      const { target_key: key } = await world.deliver(world.insert('right', 'parents', { title: 'a' }));
      const before = world.databases.right.contents.nextOrder();
      expect(await world.hint(key!)).toMatchObject({ outcome: 'unchanged' });
      expect(world.databases.right.contents.nextOrder()).toBe(before + 1);
      world.databases.right.rows('parents').clear();
      const { target_key: again } = await world.hint(key!);
      expect(world.row('right', again!)).toBe('a');
    });

  test('that is gone is deleted where nothing else orders its end', async () => {
    const world = new Hints(pipeline);
    const { target_key: key } = await world.deliver(world.insert('left', 'parents', { name: 'a' }));
    const removed = world.remove('left', 'parents', '1');
    expect(await world.hint('1')).toMatchObject({ outcome: twoWay ? 'stale' : 'applied' });
    expect(world.row('right', key!)).toBe(twoWay ? 'a' : undefined);
    await world.deliver(removed);
    expect(world.row('right', key!)).toBeUndefined();
  });
});
