import { expect, test } from '@jest/globals';
import blog from '../../pipelines/blog/pipeline.ts';
import { BlogWorld } from '../support/blog-world.ts';
import { freshDatabases } from '../support/databases.ts';
import { mergedCards } from '../support/merged-cards.ts';

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

test('merge_columns: edits of different groups both survive on both engines; a delete ends the row', async () => {
  await using databases = await freshDatabases();
  const cards = await mergedCards(databases);
  const created = await cards.app(
    'legacy',
    'CREATE',
    '7',
    "INSERT INTO cards (id, name, phone) VALUES (7, 'ann', '1')",
  );
  const { target_key: key } = await cards.deliver(created);

  const name = await cards.app('legacy', 'UPDATE', '7', "UPDATE cards SET name = 'anna' WHERE id = 7");
  const phone = await cards.app('revamp', 'UPDATE', key!, `UPDATE cards SET phone = '2' WHERE id = ${key}`);
  for (const event of [name, phone]) {
    const result = await cards.deliver(event);
    expect(result).toMatchObject({ outcome: 'applied' });
    expect(result).not.toHaveProperty('conflict');
  }
  expect(await cards.card('legacy', '7')).toEqual(['anna', '2']);
  expect(await cards.card('revamp', key!)).toEqual(['anna', '2']);
  expect(await cards.clocks('legacy', '7')).toEqual(await cards.clocks('revamp', key!));

  const early = await cards.app('revamp', 'UPDATE', key!, `UPDATE cards SET phone = '3' WHERE id = ${key}`);
  const late = await cards.app('legacy', 'UPDATE', '7', "UPDATE cards SET phone = '4' WHERE id = 7");
  expect(await cards.deliver(early)).toMatchObject({
    outcome: 'conflict_kept',
    conflict: 'update_origin_differs',
  });
  expect(await cards.deliver(late)).toMatchObject({ outcome: 'conflict_applied' });
  expect(await cards.card('revamp', key!)).toEqual(['anna', '4']);

  const removed = await cards.app('revamp', 'DELETE', key!, `DELETE FROM cards WHERE id = ${key}`);
  const edit = await cards.app('legacy', 'UPDATE', '7', "UPDATE cards SET name = 'late' WHERE id = 7");
  expect(await cards.deliver(edit)).toMatchObject({ conflict: 'update_recently_deleted' });
  expect(await cards.deliver(removed)).toMatchObject({ conflict: 'delete_origin_differs' });
  expect(await cards.card('legacy', '7')).toBeUndefined();
  const again = await cards.app(
    'revamp',
    'CREATE',
    key!,
    `INSERT INTO cards (id, name, phone) VALUES (${key}, 'again', '5')`,
  );
  expect(await cards.deliver(again)).toMatchObject({ outcome: 'applied', target_key: '7' });
  expect(await cards.card('legacy', '7')).toEqual(['again', '5']);
});
