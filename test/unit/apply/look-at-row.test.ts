import { expect, test } from '@jest/globals';
import { broughtBy, lookAtRow } from '../../../src/apply/look-at-row.ts';
import type { ChangeEvent } from '../../../src/change/event.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { pair, TwoSides } from '../../support/two-sides.ts';

const world = () => {
  const sides = new TwoSides();
  const look = (event: ChangeEvent) => {
    const route = pair.route(event.entity_type, event.source)!;
    const deps = { route, source: sides.databases.left, target: sides.databases.right };
    return lookAtRow(deps, broughtBy(deps, event));
  };
  return { sides, look };
};

test('a row the target does not have, and a parent that is not there', async () => {
  const { sides, look } = world();
  const child = sides.insert('left', 'children', { parent: '77', name: 'n'.repeat(90) });
  const { columns, ...seen } = await look(child);
  expect(seen).toMatchObject({ source: 'left', target: 'right', held: false, unread: null });
  expect(columns).toContainEqual({
    from: 'parent',
    to: 'parent',
    event: '77',
    refused: 'children.parent refers to a row of parents that right does not have yet',
  });
  const cut = `${'n'.repeat(60)}… (90 characters)`;
  expect(columns).toContainEqual({ from: 'name', to: 'title', event: cut, mapped: cut });
});

test('a row the target has, with the key of its parent there', async () => {
  const { sides, look } = world();
  const parent = sides.insert('left', 'parents', { name: 'p' });
  const child = sides.insert('left', 'children', { parent: parent.primary_key, name: 'old' });
  const { target_key: key } = await sides.deliver(parent);
  await sides.deliver(child);
  const { columns, held } = await look(sides.update('left', 'children', child.primary_key, { name: 'new' }));
  expect(held).toBe(true);
  expect(columns).toContainEqual(
    expect.objectContaining({ from: 'parent', event: parent.primary_key, mapped: key, held: key }),
  );
  expect(columns).toContainEqual({ from: 'name', to: 'title', event: 'new', mapped: 'new', held: 'old' });
  const gone = await look(sides.remove('left', 'children', child.primary_key));
  expect(gone.columns).toContainEqual({ from: 'name', to: 'title', held: 'old' });
});

test('what cannot be read or mapped leaves the rest to be seen', async () => {
  const { sides, look } = world();
  const parent = sides.insert('left', 'parents', { name: 'p' });
  sides.databases.right.findRow = () => Promise.reject(new SyncError('unavailable', 'right is away'));
  await sides.deliver(parent);
  const unfit = { ...parent, payload: { ...parent.payload, id: 'no number' } };
  expect(await look(unfit)).toMatchObject({
    held: null,
    unread: 'right is away',
    columns: expect.arrayContaining([{ from: 'name', to: 'title', event: 'p', mapped: 'p' }]),
  });
});
