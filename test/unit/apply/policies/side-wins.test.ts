import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sidePair } from '../../../support/two-sides.ts';
import { parentsUnder } from '../../../support/parents-under.ts';
import { PolicySides, run, schedule, skew } from './world.ts';

const winner = {
  left: parentsUnder({ conflicts: 'side:left' }),
  right: parentsUnder({ conflicts: 'side:right' }),
};

/** A row that both sides hold. */
async function shared(policy: keyof typeof winner = 'left') {
  const world = new PolicySides(winner[policy]);
  const { target_key: key } = await world.deliver(world.insert('left', 'parents', { name: 'a' }));
  const left = (name: string) => world.update('left', 'parents', '1', { name });
  const right = (title: string) => world.update('right', 'parents', key!, { title });
  return { world, key: key!, left, right };
}

test.each(['last_write_wins', 'side:right'] as const)(
  'under %s rows that both sides insert under one key end as one',
  async (policy) => {
    const same = parentsUnder({ conflicts: policy, key: 'same' });
    await fc.assert(
      fc.asyncProperty(schedule, skew, async (steps, ahead) => {
        const world = new PolicySides(same);
        await run(world, steps, ahead);
        expect(await world.differing()).toEqual([]);
      }),
      { numRuns: 300 },
    );
  },
);

test.each(sidePair)('under side:%s any order of delivery leaves both sides equal', async (side) => {
  await fc.assert(
    fc.asyncProperty(schedule, skew, async (steps, ahead) => {
      const world = new PolicySides(winner[side]);
      await run(world, steps, ahead);
      expect(await world.differing()).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test('the named side wins a concurrent edit whatever the clocks say, and both sides record it', async () => {
  const { world, key, left, right } = await shared();
  world.now.right += 500n;
  const loses = right('right edit');
  const wins = left('left edit');
  expect(await world.deliver(loses)).toMatchObject({
    outcome: 'conflict_kept',
    conflict: 'update_origin_differs',
  });
  expect(await world.deliver(wins)).toMatchObject({
    outcome: 'conflict_applied',
    conflict: 'update_origin_differs',
  });
  expect([world.row('left', '1'), world.row('right', key)]).toEqual(['left edit', 'left edit']);
  expect(world.databases.right.conflicts[0]).toMatchObject({
    verdict: 'applied',
    incoming: { row: { title: 'left edit' } },
    existing: { row: { title: 'right edit' } },
  });
});

test('the other side is heard once it has seen the row, whatever the clocks say', async () => {
  const { world, left, right } = await shared();
  world.now.left += 500n;
  await world.deliver(left('b'));
  expect(await world.deliver(right('c'))).toMatchObject({ outcome: 'applied' });
  expect(world.row('left', '1')).toBe('c');
});

test('two edits of the other side that arrive in the wrong order are no conflict', async () => {
  const { world, right } = await shared();
  const first = right('b');
  const second = right('c');
  expect(await world.deliver(second)).toMatchObject({ outcome: 'applied' });
  expect(await world.deliver(first)).toMatchObject({ outcome: 'stale' });
  expect(world.row('left', '1')).toBe('c');
});

test('an edit that was overwritten where it was made is not brought over any more', async () => {
  const { world, left, right } = await shared();
  const overwritten = right('b');
  await world.deliver(left('c'));
  expect(await world.deliver(overwritten)).toMatchObject({ outcome: 'stale' });
  expect(world.row('left', '1')).toBe('c');
});

test('equal values under both are no conflict', async () => {
  const { world, left, right } = await shared();
  const one = left('same');
  expect(await world.deliver(right('same'))).not.toHaveProperty('conflict');
  expect(await world.deliver(one)).not.toHaveProperty('conflict');
  expect(await world.deliver(right('after'))).toMatchObject({ outcome: 'applied' });
});

test("the named side's delete beats a concurrent edit, its edit beats a concurrent delete", async () => {
  const gone = await shared();
  const edit = gone.right('b');
  const removed = gone.world.remove('left', 'parents', '1');
  expect(await gone.world.deliver(edit)).toMatchObject({ outcome: 'conflict_kept' });
  expect(await gone.world.deliver(removed)).toMatchObject({ conflict: 'delete_origin_differs' });
  expect(gone.world.row('right', gone.key)).toBeUndefined();

  const back = await shared();
  const kept = back.left('b');
  const refused = back.world.remove('right', 'parents', back.key);
  expect(await back.world.deliver(refused)).toMatchObject({
    outcome: 'conflict_kept',
    conflict: 'delete_origin_differs',
  });
  expect(await back.world.deliver(kept)).toMatchObject({
    outcome: 'conflict_applied',
    conflict: 'update_recently_deleted',
  });
  expect(back.world.row('right', back.key)).toBe('b');
});
