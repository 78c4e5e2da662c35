import { expect, test } from '@jest/globals';
import type { ActivityDeps } from '../../../src/activities/deps.ts';
import { compareRowsActivity } from '../../../src/activities/verify/compare-rows.ts';
import { verifyParts } from '../../../src/process/verify-parts.ts';
import { pair, TwoSides } from '../../support/two-sides.ts';

const nothing = { since: null, share: null, run: 'run', mostRows: null };

/** Parents on both sides, and what each part of a comparison finds suspicious. */
async function world(count: number) {
  const apps = new TwoSides();
  const { left, right } = apps.databases;
  const pairs: { key: string; other: string }[] = [];
  for (let n = 0; n < count; n++) {
    const event = apps.insert('left', 'parents', { name: `name ${n}` });
    pairs.push({ key: event.primary_key, other: (await apps.deliver(event)).target_key! });
  }
  const deps = {
    pipeline: pair,
    databases: new Map([
      ['left', left],
      ['right', right],
    ]),
  } as unknown as ActivityDeps;
  const compare = compareRowsActivity(deps);
  const [ofLeft, ofRight, toRight, toLeft] = verifyParts(pair, { entities: ['parents'] });
  return {
    left: left.rows('parents'),
    right: right.rows('parents'),
    pairs,
    suspects: async () => {
      const found = [];
      for (const part of [ofLeft!, ofRight!, toRight!, toLeft!]) {
        const { suspects, rows } = await compare({ pipeline: 'pair', part, after: null, ...nothing });
        found.push({ rows, suspects: suspects.map(({ key, other }) => `${key} ${other}`) });
      }
      return found;
    },
    compare: (own: Partial<Parameters<typeof compare>[0]>) =>
      compare({ pipeline: 'pair', part: ofLeft!, after: null, ...nothing, ...own }),
  };
}

test('each pair is suspected once, by the part that sees what is wrong with it', async () => {
  const { left, right, pairs, suspects } = await world(5);
  const [changed, goneRight, goneLeft, goneBoth] = pairs;
  right.set(changed!.other, { values: { title: 'damaged' }, clock: 1000n });
  right.delete(goneRight!.other);
  left.delete(goneLeft!.key);
  left.delete(goneBoth!.key);
  right.delete(goneBoth!.other);
  right.set('99', { values: { title: 'extra' }, clock: 1000n });
  const names = (...of: ({ key: string; other: string } | undefined)[]) =>
    of.map((each) => `${each!.key} ${each!.other}`);
  expect(await suspects()).toEqual([
    { rows: 3, suspects: names(changed, goneRight) },
    { rows: 4, suspects: expect.arrayContaining([...names(goneLeft), 'null 99']) },
    { rows: 5, suspects: names(goneBoth) },
    { rows: 0, suspects: [] },
  ]);
});

test('a sample is of about so many rows, the same ones in one run; a rate bounds what is looked at', async () => {
  const { compare } = await world(400);
  const [one, again, other] = await Promise.all(
    ['a', 'a', 'b'].map((run) => compare({ share: 250_000_000, run })),
  );
  expect(one!.rows).toBe(again!.rows);
  for (const { rows } of [one!, other!]) expect(Math.abs(rows - 100)).toBeLessThan(40);
  expect(await compare({ mostRows: 7 })).toMatchObject({ rows: 7, last: expect.any(String) });
  expect((await compare({})).last).toBeNull();
});
