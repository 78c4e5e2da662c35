import { describe, expect, test } from '@jest/globals';
import { applyHint } from '../../../../src/apply/apply-hint.ts';
import { applyHints } from '../../../../src/apply/apply-many.ts';
import type { ChangeEvent } from '../../../../src/change/event.ts';
import { readId } from '../../../../src/change/event-id.ts';
import { SyncError } from '../../../../src/errors/sync-error.ts';
import type { Hint } from '../../../../src/temporal/messages.ts';
import { parentsUnder } from '../../../support/parents-under.ts';
import { PolicySides } from './world.ts';

class Hints extends PolicySides {
  #runs = 0;

  readonly #deps = this.deps({ entity_type: 'parents', source: 'left' } as ChangeEvent);

  #hintOf(key: string, run: string): Hint {
    const of = { pipeline: 'pair', entity: 'parents', side: 'left', key };
    const timestamp = '2026-01-08T10:00:00.000Z';
    return { eventId: readId(of, run), entity: 'parents', side: 'left', key, timestamp };
  }

  hint = (key: string, run = String((this.#runs += 1))) => applyHint(this.#deps, this.#hintOf(key, run));
  hints = (keys: readonly string[]) =>
    applyHints(
      this.#deps,
      keys.map((key) => this.#hintOf(key, 'all')),
    );

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

  test('is tried again with the others where it lost its locks, and left where that goes on', async () => {
    const world = new Hints(pipeline);
    for (const name of ['a', 'b', 'c']) world.insert('left', 'parents', { name });
    let losses = 2;
    world.databases.right.interrupt = (method, moment) => {
      if (method === 'commit' && moment === 'before' && losses-- > 0)
        throw new SyncError('contention', 'a deadlock');
    };
    const outcomes = async () => (await world.hints(['1', '2', '3'])).map((ending) => ending.status);
    expect(await outcomes()).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(world.databases.right.rows('parents').size).toBe(3);
    losses = 9;
    expect(await outcomes()).toEqual(['rejected', 'rejected', 'rejected']);
    expect(losses).toBe(6);
  });

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
