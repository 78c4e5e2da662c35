import { beforeEach, expect, test } from '@jest/globals';
import { applyEvent } from '../../../src/apply/apply-event.ts';
import { resolveIdentity } from '../../../src/apply/resolve-identity.ts';
import type { ChangeEvent } from '../../../src/change/event.ts';
import type { Row } from '../../../src/change/value.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { transformChange } from '../../../src/pipeline/transform.ts';
import { parentsUnder } from '../../support/parents-under.ts';
import { TwoSides } from '../../support/two-sides.ts';
import type { SideName } from '../../support/two-sides.ts';

/** Tables without a column of Tandem's; the left side wins. */
const pipeline = parentsUnder({ clock: null, conflicts: 'side:left' });

class Unclocked extends TwoSides {
  deps(event: ChangeEvent) {
    const route = pipeline.route(event.entity_type, event.source)!;
    return {
      route,
      back: pipeline.route(event.entity_type, route.target.side),
      source: this.databases[event.source as SideName],
      target: this.databases[route.target.side as SideName],
    };
  }

  override async deliver({ clock: _, ...event }: ChangeEvent) {
    const deps = this.deps({ ...event, clock: null });
    const bare = { ...event, clock: null };
    return applyEvent(deps, bare, transformChange(deps.route, bare), await resolveIdentity(deps, bare));
  }

  row = (side: SideName, key: string) => {
    const values: Row | undefined = this.databases[side].rows('parents').get(key)?.values;
    return values && (values['name'] ?? values['title']);
  };
}

let world: Unclocked;
let key: string;
const left = (name: string) => world.update('left', 'parents', '1', { name });
const right = (title: string) => world.update('right', 'parents', key, { title });
const rows = () => [world.row('left', '1'), world.row('right', key)];

beforeEach(async () => {
  world = new Unclocked();
  key = (await world.deliver(world.insert('left', 'parents', { name: 'a' }))).target_key!;
});

test('edits of either side flow', async () => {
  expect(await world.deliver(left('b'))).toMatchObject({ outcome: 'applied' });
  expect(await world.deliver(right('c'))).toMatchObject({ outcome: 'applied' });
  expect(await world.deliver(right('d'))).toMatchObject({ outcome: 'applied' });
  expect(await world.deliver(left('e'))).toMatchObject({ outcome: 'applied' });
  expect(rows()).toEqual(['e', 'e']);
  expect(world.databases.right.conflicts).toEqual([]);
});

test('the named side wins over an edit it has not taken, in either order, and the edit is recorded', async () => {
  for (const winnerFirst of [true, false]) {
    const events = [left(`left ${winnerFirst}`), right(`right ${winnerFirst}`)];
    for (const event of winnerFirst ? events : events.toReversed()) await world.deliver(event);
    expect(rows()).toEqual([`left ${winnerFirst}`, `left ${winnerFirst}`]);
  }
  expect(world.databases.right.conflicts).toMatchObject([
    { type: 'update_origin_differs', existing: { row: { title: 'right true' } } },
    { type: 'update_origin_differs', existing: { row: { title: 'right false' } } },
  ]);
  expect(world.databases.left.conflicts).toMatchObject([
    { verdict: 'kept', incoming: { row: { name: 'right false' } } },
  ]);
});

test('an edit that was taken back brings nothing, and the other side keeps its own', async () => {
  const [first, second] = [left('b'), left('a')];
  const own = right('own');
  for (const event of [first, second])
    expect(await world.deliver(event)).toMatchObject({ outcome: 'unchanged' });
  expect(await world.deliver(own)).toMatchObject({ outcome: 'applied' });
  expect(rows()).toEqual(['own', 'own']);
});

test('an event that comes again, late, overwrites nothing', async () => {
  const old = left('b');
  await world.deliver(old);
  const own = right('own');
  expect(await world.deliver(old)).toMatchObject({ outcome: 'applied', replayed: true });
  expect(rows()).toEqual(['b', 'own']);
  await world.deliver(own);
  expect(rows()).toEqual(['own', 'own']);
});

test('what an event that comes again overwrites is recorded', async () => {
  const old = left('b');
  await world.deliver(old);
  const [own, newer] = [right('own'), left('c')];
  expect(await world.deliver(old)).toMatchObject({ outcome: 'applied', replayed: true });
  expect(rows()).toEqual(['c', 'c']);
  expect(world.databases.right.conflicts).toMatchObject([{ existing: { row: { title: 'own' } } }]);
  await world.deliver(newer);
  await world.deliver(own);
  expect(rows()).toEqual(['c', 'c']);
});

test('an event an operator discarded brings nothing when it comes again', async () => {
  const given = left('b');
  const of = { pipeline: 'pair', entity: 'parents', targetKey: null };
  await world.databases.right.transaction((tx) =>
    tx.recordProcessed({ ...of, eventId: given.event_id, outcome: 'discarded' }),
  );
  expect(await world.deliver(given)).toMatchObject({ outcome: 'discarded', replayed: true });
  expect(rows()).toEqual(['b', 'a']);
});

test('deletes flow both ways; the named side brings its row back over a delete it has not taken', async () => {
  expect(await world.deliver(world.remove('right', 'parents', key))).toMatchObject({ outcome: 'applied' });
  expect(rows()).toEqual([undefined, undefined]);

  const again = world.insert('left', 'parents', { name: 'again' });
  const { target_key: other } = await world.deliver(again);
  const edit = world.update('left', 'parents', again.primary_key, { name: 'kept' });
  const removed = world.remove('right', 'parents', other!);
  expect(await world.deliver(removed)).toMatchObject({
    outcome: 'conflict_kept',
    conflict: 'delete_origin_differs',
  });
  expect(await world.deliver(edit)).toMatchObject({
    outcome: 'conflict_applied',
    conflict: 'update_recently_deleted',
  });
  expect(world.row('right', other!)).toBe('kept');
});

test('broken off after the commit it goes on where it was, and what the other side has is known', async () => {
  const event = right('b');
  world.databases.right.interrupt = (method) => {
    if (method === 'saveIdentity') throw new SyncError('unavailable', 'broken off');
  };
  await expect(world.deliver(event)).rejects.toThrow('broken off');
  world.databases.right.interrupt = null;
  expect(await world.deliver(event)).toMatchObject({ outcome: 'applied', replayed: true });
  expect(await world.deliver(right('c'))).toMatchObject({ outcome: 'applied' });
  expect(await world.deliver(left('d'))).toMatchObject({ outcome: 'applied' });
  expect(rows()).toEqual(['d', 'd']);
  expect(world.databases.right.conflicts).toEqual([]);
});

test("a row that was taken over while the winner's was brought is brought again", async () => {
  const brought = right('b');
  world.databases.right.interrupt = (method) => {
    if (method === 'saveIdentity') throw new SyncError('unavailable', 'broken off');
  };
  await expect(world.deliver(brought)).rejects.toThrow('broken off');

  // The winner's row is b, the other side has not noted that yet; another column of it changes, and is looked at.
  const touched = world.update('left', 'parents', '1', {});
  world.databases.right.interrupt = async (method, moment) => {
    if (method !== 'lockIdentity' || moment !== 'before') return;
    world.databases.right.interrupt = null;
    expect(await world.deliver(right('c'))).toMatchObject({ outcome: 'applied' });
  };
  await expect(world.deliver(touched)).rejects.toMatchObject({ errorClass: 'contention' });
  await world.deliver(touched);
  expect(rows()).toEqual(['c', 'c']);
});

/** Runs `between` after the winner's row was read, and before it is brought. */
async function whileBrought(event: ChangeEvent, between: () => Promise<unknown>) {
  world.databases.right.interrupt = async (method, moment) => {
    if (method !== 'lockIdentity' || moment !== 'before') return;
    world.databases.right.interrupt = null;
    await between();
  };
  return world.deliver(event);
}

test('a row whose later change was found in place before it was brought is brought again', async () => {
  const made = world.insert('left', 'parents', { name: 'short' });
  const own = made.primary_key;
  const brought = whileBrought(made, async () => {
    const removed = world.remove('left', 'parents', own);
    expect(await world.deliver(removed)).toMatchObject({ outcome: 'unchanged' });
  });
  await expect(brought).rejects.toMatchObject({ errorClass: 'contention' });
  await world.deliver(made);
  expect([...world.databases.right.rows('parents').values()].map(({ values }) => values['title'])).toEqual([
    'a',
  ]);
});

test('an offered row whose later change was found in place before it was taken is taken again', async () => {
  const edited = right('short');
  world.databases.left.interrupt = async (method, moment) => {
    if (method !== 'lockIdentity' || moment !== 'before') return;
    world.databases.left.interrupt = null;
    expect(await world.deliver(right('a'))).toMatchObject({ outcome: 'unchanged' });
  };
  await expect(world.deliver(edited)).rejects.toMatchObject({ errorClass: 'contention' });
  await world.deliver(edited);
  expect(rows()).toEqual(['a', 'a']);
});

test('a changed key is the end of one row and the beginning of another', async () => {
  const moved = world.rekey('left', 'parents', '1', '9');
  const { target_key: other } = await world.deliver(moved);
  expect(world.row('right', key)).toBeUndefined();
  expect(world.row('right', other!)).toBe('a');
});

const rename = (side: SideName, of: string, name: string) =>
  world.update(side, 'parents', of, side === 'left' ? { name } : { title: name });

/** Two rows with names that no two rows of a side may share. */
async function unlike(): Promise<[string, string]> {
  world = new Unclocked({ unique: true });
  const keys: string[] = [];
  for (const name of ['a', 'b'])
    keys.push((await world.deliver(world.insert('left', 'parents', { name }))).target_key!);
  return keys as [string, string];
}

test('rows of the named side that exchange their values do so on the other side, also where they came from it', async () => {
  for (const from of ['left', 'right'] as const) {
    const [one, other] = await unlike();
    if (from === 'right')
      for (const each of [one, other]) await world.deliver(rename('right', each, `${each} renamed`));
    const [a, b] = [world.row('left', '1') as string, world.row('left', '2') as string];
    rename('left', '1', 'parked');
    const events = [rename('left', '2', a), rename('left', '1', b)];
    expect(await world.deliver(events[0]!)).toMatchObject({ outcome: 'applied' });
    expect([world.row('right', one), world.row('right', other)]).toEqual([b, a]);
    expect(await world.deliver(events[1]!)).toMatchObject({ outcome: 'unchanged' });
    expect(await world.deliver(rename('right', one, 'after'))).toMatchObject({ outcome: 'applied' });
    expect(world.row('left', '1')).toBe('after');
    expect(world.databases.right.conflicts).toEqual([]);
  }
});

test('an exchange leaves a row alone that was edited in the knowledge of what the named side has', async () => {
  const [one, other] = await unlike();
  rename('right', other, 'c');
  rename('right', one, 'b');
  await expect(world.deliver(rename('left', '1', 'c'))).rejects.toMatchObject({
    errorClass: 'waiting_for_row',
  });
  expect(world.row('right', other)).toBe('c');
});

test('an exchange during which the other side brought a row of it is done again', async () => {
  const [one] = await unlike();
  rename('left', '1', 'parked');
  const events = [rename('left', '2', 'a'), rename('left', '1', 'b')];
  const { right } = world.databases;
  const transaction = right.transaction.bind(right);
  let first = true;
  right.transaction = async (work) => {
    const result = await transaction(work);
    if (first && world.row('right', one) === 'b') {
      first = false;
      const { left } = world.databases;
      await left.transaction(async (tx) => {
        const of = { pipeline: 'pair', entity: 'parents', sourceSide: 'right', targetSide: 'left' };
        await tx.lockIdentity({ ...of, sourceKey: one }, '1');
        await tx.saveIdentity({ ...of, sourceKey: one }, { targetKey: '1' });
      });
    }
    return result;
  };
  await expect(world.deliver(events[1]!)).rejects.toMatchObject({ errorClass: 'contention' });
  expect(await world.deliver(events[1]!)).toMatchObject({ outcome: 'applied', replayed: true });
});
