import { expect, test } from '@jest/globals';
import type { ManyDeps } from '../../../src/apply/apply-many.ts';
import { lookAtPairs } from '../../../src/apply/verify/look-at-pairs.ts';
import { rightSide } from '../../../src/apply/verify/right-side.ts';
import type { SideOfPair } from '../../../src/apply/verify/right-side.ts';
import { rowHash } from '../../../src/apply/row-hash.ts';
import type { Identity, StoredRow } from '../../../src/database/contract.ts';
import type { ConflictPolicy } from '../../../src/pipeline/define.ts';
import { matchUnpaired } from '../../../src/temporal/match-unpaired.ts';
import type { Unpaired } from '../../../src/temporal/verify.ts';
import { pair, TwoSides } from '../../support/two-sides.ts';

/** A parent and its child, on both sides. */
async function family() {
  const sides = new TwoSides();
  const parent = sides.insert('left', 'parents', { name: 'one' });
  await sides.deliver(parent);
  const child = sides.insert('left', 'children', { parent: parent.primary_key, name: 'two' });
  await sides.deliver(child);
  const { left, right } = sides.databases;
  const other = (entity: string) => [...right.rows(entity).keys()][0]!;
  const look = async (entity: string, keys: { key: string | null; other: string | null }) => {
    const of: ManyDeps = { route: pair.route(entity, 'left')!, source: left, target: right };
    return (await lookAtPairs(of, [keys]))[0]!;
  };
  return {
    left,
    right,
    parent: parent.primary_key,
    child: child.primary_key,
    other,
    look,
    ofChild: () => look('children', { key: child.primary_key, other: null }),
    ofParent: () => look('parents', { key: parent.primary_key, other: null }),
  };
}

test('rows are compared as the other side is to have them, references by the keys there', async () => {
  const { ofChild, right, other } = await family();
  expect(await ofChild()).toMatchObject({ kind: null, other: other('children') });
  const row = right.rows('children').get(other('children'))!;
  right.rows('children').set(other('children'), { ...row, values: { ...row.values, parent: '7' } });
  expect(await ofChild()).toMatchObject({
    kind: 'different',
    columns: ['parent'],
    values: [{ from: 'parent', to: 'parent', expected: other('parents'), held: '7' }],
    // Every change of an app has a clock of its own: no change that is under way looks like this.
    certain: true,
  });
});

test('what may be a change on its way is never certain', async () => {
  const { ofParent, look, left, parent, right, other } = await family();
  const row = left.rows('parents').get(parent)!;
  left.rows('parents').set(parent, { values: { ...row.values, name: 'newer' }, clock: row.clock! + 1n });
  const first = await ofParent();
  expect(first).toMatchObject({ kind: 'different', certain: false });
  right.rows('parents').delete(other('parents'));
  const second = await ofParent();
  expect(second).toMatchObject({ kind: 'missing', side: 'right', certain: false });
  expect(second.look).not.toBe(first.look);
  const alone = await look('parents', { key: '99', other: null });
  expect(alone.kind).toBeNull();
});

test('a row whose mapping is lost looks like the one it was mapped to, and its children depend on it', async () => {
  const { ofParent, ofChild, look, right, parent, other } = await family();
  const { entity, sourceSide, targetSide } = right.identityOfTarget('parents', other('parents'))!;
  await right.forgetIdentity({ pipeline: 'pair', entity, sourceSide, sourceKey: parent, targetSide });
  const [ours, theirs] = [await ofParent(), await look('parents', { key: null, other: other('parents') })];
  expect([ours, theirs]).toMatchObject([
    { kind: 'missing', side: 'right', other: null },
    { kind: 'missing', side: 'left', key: null },
  ]);
  expect(ours.fingerprint).toBe(theirs.fingerprint);
  expect(await look('parents', { key: parent, other: other('parents') })).toMatchObject({ kind: 'unmapped' });
  expect(await ofChild()).toMatchObject({ kind: 'dependent', columns: ['parent'] });
});

test('a mapping of nothing is orphaned', async () => {
  const { ofChild, left, right, child, other } = await family();
  left.rows('children').delete(child);
  right.rows('children').delete(other('children'));
  expect(await ofChild()).toMatchObject({ kind: 'orphaned' });
});

const lone = (side: 'left' | 'right', key: string, fingerprint: string | null): Unpaired => {
  const keys = side === 'left' ? { key: null, other: key } : { key, other: null };
  return { finding: { kind: 'missing', side, ...keys, first: '', columns: [], look: '' }, fingerprint };
};

test('rows without a partner are each other’s only where no other could be', () => {
  const { matched, alone } = matchUnpaired([
    lone('right', '1', 'a'),
    lone('left', '11', 'a'),
    lone('right', '2', 'b'),
    lone('right', '3', 'c'),
    lone('left', '14', 'c'),
    lone('right', '4', 'c'),
    lone('right', '5', null),
    lone('left', '15', null),
  ]);
  expect(matched).toMatchObject([{ kind: 'unmapped', key: '1', other: '11' }]);
  expect(alone.map(({ key, other }) => key ?? other)).toEqual(['2', '3', '14', '4', '5', '15']);
});

const row = (name: string, clock: bigint): StoredRow => ({ values: { name, title: name }, clock });
const side = (
  name: 'left' | 'right',
  stored: StoredRow | null,
  { policy = 'last_write_wins', written }: { policy?: ConflictPolicy; written?: [string, bigint] } = {},
): SideOfPair => {
  const route = { ...pair.route('parents', name === 'left' ? 'right' : 'left')!, policy };
  const column = name === 'left' ? 'name' : 'title';
  const identity = written && {
    written: { clock: written[1], side: 'left' },
    rowHash: rowHash({ [column]: written[0] }),
  };
  return {
    route,
    identity: (identity ?? null) as Identity | null,
    held: {
      key: '1',
      row: stored,
      kept: null,
      version: stored && { clock: stored.clock!, side: name },
      deletedByTarget: false,
    },
  };
};

test.each<[string, SideOfPair, SideOfPair, string | null]>([
  ['the newer version', side('left', row('a', 2n)), side('right', row('b', 3n)), 'right'],
  ['a row over none', side('left', null), side('right', row('b', 3n)), 'right'],
  [
    'of one version the row that is as Tandem wrote it',
    side('left', row('a', 2n)),
    side('right', row('b', 2n), { written: ['b', 2n] }),
    'right',
  ],
  [
    'of one version the counterpart of what is not',
    side('left', row('a', 2n)),
    side('right', row('b', 2n), { written: ['a', 2n] }),
    'left',
  ],
  [
    'what Tandem wrote of an older version says nothing',
    side('left', row('a', 2n), { written: ['a', 1n] }),
    side('right', row('b', 2n), { written: ['b', 2n] }),
    'right',
  ],
  ['otherwise the side that wins ties', side('left', row('a', 2n)), side('right', row('b', 2n)), 'left'],
  [
    'the side of the policy',
    side('left', row('a', 9n), { policy: 'side:right' }),
    side('right', row('b', 2n)),
    'right',
  ],
  [
    'nobody’s where an operator decides',
    side('left', row('a', 9n), { policy: 'manual' }),
    side('right', null),
    null,
  ],
])('right is %s', (_, first, other, expected) => {
  expect(rightSide(first, other)).toBe(expected);
});
