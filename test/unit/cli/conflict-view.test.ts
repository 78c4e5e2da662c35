import { expect, test } from '@jest/globals';
import { conflictDetail, conflictList, conflictText, conflictView } from '../../../src/cli/conflict-view.ts';
import type { StoredConflict } from '../../../src/database/contract.ts';

const clock = 1_780_000_000_000_000n;

const conflict: StoredConflict = {
  id: '12',
  recordedAt: '2026-05-28T20:26:41.000Z',
  eventId: '0b6ab0c6-6ab5-5d30-8d06-0a5c1c2b7f02',
  pipeline: 'p',
  entity: 'people',
  targetSide: 'right',
  targetKey: '7',
  type: 'update_origin_differs',
  verdict: 'kept',
  incoming: { version: { clock, side: 'left' }, row: { name: 'old', city: 'Bern', note: null } },
  existing: {
    version: { clock: clock + 1_500_000n, side: 'right' },
    row: { name: 'new', city: 'Bern', note: '' },
  },
};

const { version: incoming } = conflict.incoming;
const held = conflict.existing.version!;

test.each<[string, Partial<StoredConflict>, string, string]>([
  ['the later clock wins', {}, 'right', 'its clock is 1.500000 s later'],
  [
    'the event may be the later',
    {
      verdict: 'applied',
      incoming: { ...conflict.incoming, version: { ...incoming, clock: clock + 1_500_001n } },
    },
    'left',
    'its clock is 0.000001 s later',
  ],
  [
    'equal clocks',
    { existing: { ...conflict.existing, version: { ...held, clock } } },
    'right',
    "the clocks are equal: the entity's first side wins",
  ],
  ['a verdict against the clocks', { verdict: 'applied' }, 'left', "by the entity's conflict policy"],
  [
    'no version to compare with',
    { existing: { version: null, row: null } },
    'right',
    "by the entity's conflict policy",
  ],
])('%s: says who won and why', (_, changes, winner, why) => {
  expect(conflictView({ ...conflict, ...changes })).toMatchObject({ winner, why });
});

test('a list shows keys and no other values', () => {
  const text = conflictList([conflictView(conflict)]);
  expect(text).toContain('p/right/12');
  expect(text).toContain('people 7');
  expect(JSON.stringify(conflictView(conflict)) + text).not.toMatch(/Bern|old|new/);
});

test('both versions stand side by side; columns that differ are marked, NULL and empty are two things', () => {
  const { columns } = conflictDetail(conflict, 5);
  expect(columns.map(({ name, differs }) => [name, differs])).toEqual([
    ['name', true],
    ['city', false],
    ['note', true],
  ]);
  const lines = conflictText(conflictDetail(conflict, 5)).split('\n');
  expect(lines[0]).toBe('p/right/12: update_origin_differs of people 7');
  expect(lines[1]).toBe('the version of right is kept: its clock is 1.500000 s later');
  expect(lines.find((line) => line.includes('name'))).toMatch(/≠.*old.*new/);
  expect(lines.find((line) => line.includes('city'))).not.toContain('≠');
  expect(lines.find((line) => line.includes('note'))).toContain('NULL');
});

test('a delete that met an edit shows the row on the one side and none on the other', () => {
  const detail = conflictDetail({ ...conflict, incoming: { version: incoming, row: null } }, 5);
  expect(detail.incoming.deleted).toBe(true);
  expect(detail.columns.every(({ differs }) => differs)).toBe(true);
  expect(conflictText(detail)).toContain('no row');
});

test('what a terminal would obey is shown as text', () => {
  const row = { name: 'a\u001b[2Jb\u202ec\u009bd' };
  const text = conflictText(conflictDetail({ ...conflict, existing: { ...conflict.existing, row } }, 5));
  expect(text).toContain('a\\u{1b}[2Jb\\u{202e}c\\u{9b}d');
});

test('a version from the future is flagged, by the clock of the side that recorded it', () => {
  const version = { clock: clock + 60_000_000n, side: 'left' };
  const { incoming, existing } = conflictDetail({ ...conflict, incoming: { version, row: {} } }, 5);
  expect([incoming.ahead_seconds, existing.ahead_seconds]).toEqual([59, null]);
  const text = conflictText(conflictDetail({ ...conflict, incoming: { version, row: {} } }, 5));
  expect(text).toContain('from the future: 59 s ahead');
});
