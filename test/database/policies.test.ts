import { expect, test } from '@jest/globals';
import blog from '../../pipelines/blog/pipeline.ts';
import { BlogWorld } from '../support/blog-world.ts';

const insert = "INSERT INTO legacy_users (username, email) VALUES ('ann', 'ann@example.com')";
const legacyName = (key: string, name: string) =>
  `UPDATE legacy_users SET full_name = '${name}' WHERE id = ${key}`;
const revampName = (key: string, name: string) =>
  `UPDATE revamp_users SET display_name = '${name}' WHERE id = ${key}`;

test('side:legacy: the named side wins what the other had not seen, and hears it once it has', async () => {
  await using world = await BlogWorld.open('policy_side', blog, { conflicts: 'side:legacy' });
  const created = await world.app('legacy', 'CREATE', null, insert);
  const { target_key: key } = await world.deliver(created);
  const id = created.primary_key;

  const early = await world.app('legacy', 'UPDATE', id, legacyName(id, 'by legacy'));
  const late = await world.app('revamp', 'UPDATE', key, revampName(key!, 'by revamp'));
  const later = await world.app('revamp', 'UPDATE', key, revampName(key!, 'by revamp again'));
  expect(await world.deliver(later)).toMatchObject({
    outcome: 'conflict_kept',
    conflict: 'update_origin_differs',
  });
  expect(await world.deliver(early)).toMatchObject({
    outcome: 'conflict_applied',
    conflict: 'update_origin_differs',
  });
  expect(await world.deliver(late)).toMatchObject({ outcome: 'stale' });
  expect(await world.value('legacy', id, 'full_name')).toBe('by legacy');
  expect(await world.value('revamp', key!, 'display_name')).toBe('by legacy');

  const first = await world.app('revamp', 'UPDATE', key, revampName(key!, 'first'));
  const second = await world.app('revamp', 'UPDATE', key, revampName(key!, 'second'));
  expect(await world.deliver(second)).toMatchObject({ outcome: 'applied' });
  expect(await world.deliver(first)).toMatchObject({ outcome: 'stale' });
  expect(await world.value('legacy', id, 'full_name')).toBe('second');

  const kept = await world.app('legacy', 'UPDATE', id, legacyName(id, 'kept'));
  const removed = await world.app('revamp', 'DELETE', key, `DELETE FROM revamp_users WHERE id = ${key}`);
  expect(await world.deliver(removed)).toMatchObject({
    outcome: 'conflict_kept',
    conflict: 'delete_origin_differs',
  });
  expect(await world.deliver(kept)).toMatchObject({
    outcome: 'conflict_applied',
    conflict: 'update_recently_deleted',
    target_key: key,
  });
  expect(await world.value('revamp', key!, 'display_name')).toBe('kept');
});

test('target_wins: what the target took is its own to change, and its edit stays', async () => {
  const oneWay = { direction: 'one_way', conflicts: 'target_wins' } as const;
  await using world = await BlogWorld.open('policy_target', blog, oneWay);
  // The target changes what it is given: that is no edit of its app.
  await world.sides.revamp.admin.query(
    'CREATE TRIGGER trims BEFORE UPDATE ON revamp_users FOR EACH ROW SET NEW.display_name = TRIM(NEW.display_name)',
  );
  const created = await world.app('legacy', 'CREATE', null, insert);
  const { target_key: key } = await world.deliver(created);
  const id = created.primary_key;
  for (const name of [' spaced ', ' again '])
    expect(await world.deliver(await world.app('legacy', 'UPDATE', id, legacyName(id, name)))).toMatchObject({
      outcome: 'applied',
    });
  expect(await world.value('revamp', key!, 'display_name')).toBe('again');

  await world.apps.revamp.query(revampName(key!, 'own'));
  const update = await world.app('legacy', 'UPDATE', id, legacyName(id, 'other'));
  expect(await world.deliver(update)).toMatchObject({
    outcome: 'conflict_kept',
    conflict: 'update_origin_differs',
  });
  await world.apps.revamp.query(`DELETE FROM revamp_users WHERE id = ${key}`);
  const late = await world.app('legacy', 'UPDATE', id, legacyName(id, 'late'));
  expect(await world.deliver(late)).toMatchObject({ outcome: 'conflict_kept', conflict: 'update_missing' });
  expect(await world.value('revamp', key!, 'display_name')).toBeUndefined();
});
