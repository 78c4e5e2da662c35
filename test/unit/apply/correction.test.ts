import { describe, expect, test } from '@jest/globals';
import { applyEvent } from '../../../src/apply/apply-event.ts';
import { bringBack } from '../../../src/apply/bring-back.ts';
import { resolveIdentity } from '../../../src/apply/resolve-identity.ts';
import type { ChangeEvent } from '../../../src/change/event.ts';
import { editedEvent } from '../../../src/pipeline/edited-event.ts';
import type { ConflictPolicy } from '../../../src/pipeline/define.ts';
import { transformChange } from '../../../src/pipeline/transform.ts';
import { parentsUnder } from '../../support/parents-under.ts';
import { TwoSides } from '../../support/two-sides.ts';

const policies: ConflictPolicy[] = ['last_write_wins', 'side:left', 'side:right', 'manual'];

describe.each(policies)('under %s', (conflicts) => {
  function sides() {
    const apps = new TwoSides();
    const { left, right } = apps.databases;
    const pipeline = parentsUnder({ conflicts });
    const forth = { route: pipeline.route('parents', 'left')!, source: left, target: right };
    const back = { route: pipeline.route('parents', 'right')!, source: right, target: left };
    const apply = async (event: ChangeEvent) =>
      applyEvent(forth, event, transformChange(forth.route, event), await resolveIdentity(forth, event));
    const correct = async (event: ChangeEvent) => {
      const corrected = editedEvent(forth.route, event, { name: 'mended' });
      const applied = await apply(corrected);
      for (const _ of ['once', 'again after a crash']) await bringBack(back, corrected, applied);
      return applied;
    };
    const rows = (key: string, other: string) => ({
      left: left.rows('parents').get(key),
      right: right.rows('parents').get(other),
    });
    return { apps, apply, correct, rows };
  }

  test.each(['CREATE', 'UPDATE'] as const)('both sides come to hold a corrected %s', async (operation) => {
    const { apps, apply, correct, rows } = sides();
    const created = apps.insert('left', 'parents', { name: 'old' });
    if (operation === 'UPDATE') await apply(created);
    const event =
      operation === 'CREATE'
        ? created
        : apps.update('left', 'parents', created.primary_key, { name: 'broken' });
    const applied = await correct(event);
    expect(applied.outcome).toBe('applied');
    const { left, right } = rows(event.primary_key, applied.target_key!);
    expect(right).toMatchObject({ values: { title: 'mended' } });
    expect(left).toMatchObject({ values: { name: 'mended' }, clock: right!.clock });
  });

  test('a later change on the source stands over the correction', async () => {
    const { apps, apply, correct, rows } = sides();
    const event = apps.insert('left', 'parents', { name: 'broken' });
    apps.now.left += 1000n;
    const later = apps.update('left', 'parents', event.primary_key, { name: 'later' });
    const applied = await correct(event);
    await apply(later);
    expect(rows(event.primary_key, applied.target_key!)).toMatchObject({
      left: { values: { name: 'later' } },
      right: { values: { title: 'later' } },
    });
  });

  test('and once the source has taken it, its next change comes over', async () => {
    const { apps, apply, correct, rows } = sides();
    const event = apps.insert('left', 'parents', { name: 'broken' });
    const applied = await correct(event);
    apps.now.left += 1000n;
    await apply(apps.update('left', 'parents', event.primary_key, { name: 'later' }));
    expect(rows(event.primary_key, applied.target_key!)).toMatchObject({
      left: { values: { name: 'later' } },
      right: { values: { title: 'later' } },
    });
  });
});
