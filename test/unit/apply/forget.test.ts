import { expect, test } from '@jest/globals';
import { forgetDeleted, forgetEvents, tombstoneLimit } from '../../../src/apply/forget.ts';
import type { LedgerRetention, OldTombstone } from '../../../src/database/retention-contract.ts';
import { pair } from '../../support/two-sides.ts';

const day = 86_400_000;
const now = 1000 * day;

test.each([
  ['nothing open, all captured: the retention', { oldestOpen: null, captured: now }, 31],
  ['an event open for a week: nothing more', { oldestOpen: now - 7 * day, captured: now }, 31],
  [
    'one open for a month: as far back as its change may lie',
    { oldestOpen: now - 30 * day, captured: now },
    38,
  ],
  ['a capture that stands: a day before it', { oldestOpen: null, captured: now - 40 * day }, 41],
  ['a capture that tells nothing: not at all', { oldestOpen: null, captured: null }, null],
])('%s', (_, known, daysAgo) => {
  const limit = tombstoneLimit({ now, retentionMs: 31 * day, topicsMs: 7 * day, ...known });
  expect(limit === null ? null : (now - limit) / day).toBe(daysAgo);
});

function ledgerOf(held: {
  events?: string[];
  local?: string[];
  tombstones?: OldTombstone[];
  changed?: string[];
}) {
  const events = held.events ?? [];
  let local = held.local ?? [];
  const forgotten: string[] = [];
  const ledger: LedgerRetention = {
    oldEvents: async ({ limit }) => events.slice(0, limit),
    async forgetEvents(ids) {
      for (const id of ids) events.splice(events.indexOf(id), 1);
      return ids.length;
    },
    oldLocalTombstones: async ({ limit }) => local.slice(0, limit),
    async forgetLocalTombstones({ keys }) {
      local = local.filter((key) => !keys.includes(key));
      return keys.length;
    },
    oldTombstones: async ({ after, limit }) =>
      (held.tombstones ?? [])
        .filter(({ sourceKey }) => after === null || sourceKey > after.sourceKey)
        .slice(0, limit),
    async forgetIdentity({ sourceKey }) {
      if (held.changed?.includes(sourceKey)) return false;
      forgotten.push(sourceKey);
      return true;
    },
  };
  return { ledger, events, forgotten };
}

const before = new Date(now);

test('events are forgotten in batches, however many of the oldest stay', async () => {
  const kept = Array.from({ length: 700 }, (_, n) => `kept${n}`);
  const gone = Array.from({ length: 1200 }, (_, n) => `gone${n}`);
  const { ledger, events } = ledgerOf({ events: [...kept, ...gone] });
  expect(await forgetEvents(ledger, { pipeline: 'p', before, except: new Set(kept) })).toBe(1200);
  expect(events).toEqual(kept);
});

const route = pair.route('parents', 'left')!;
const row = { values: {}, clock: 1n };
const tombstone = (sourceKey: string, targetKey: string | null): OldTombstone => ({
  sourceKey,
  targetKey,
  clock: 1n,
  counter: 3n,
});

test('an identity is forgotten only where the row is gone on both sides and nothing changed meanwhile', async () => {
  const { ledger, forgotten } = ledgerOf({
    tombstones: [
      tombstone('1', '11'),
      tombstone('2', '12'),
      tombstone('3', '13'),
      tombstone('4', null),
      tombstone('5', '15'),
    ],
    changed: ['5'],
  });
  const counts = await forgetDeleted({
    source: { findRow: async (_, key) => (key === '2' ? row : null) },
    target: {
      findRow: async (_, key) => (key === '13' ? row : null),
      findIdentityByTarget: async () => null,
    },
    ledger,
    route,
    before,
  });
  expect(forgotten).toEqual(['1', '4']);
  expect(counts).toEqual({ tombstones: 0, identities: 2 });
});

test('a local tombstone goes, and with it the identity of its row, unless the row is there again', async () => {
  const { ledger, forgotten } = ledgerOf({ local: ['21', '22', '23'] });
  const identities: Record<string, string> = { '21': '1', '22': '2' };
  const counts = await forgetDeleted({
    source: { findRow: async () => null },
    target: {
      findRow: async (_, key) => (key === '22' ? row : null),
      findIdentityByTarget: async ({ targetKey, ...key }) =>
        identities[targetKey] === undefined
          ? null
          : {
              ...key,
              sourceKey: identities[targetKey],
              targetKey,
              position: null,
              sourceTime: null,
              counter: 1n,
              written: null,
              sourceClock: null,
              rowHash: null,
              tombstone: null,
            },
    },
    ledger,
    route,
    before,
  });
  expect(forgotten).toEqual(['1']);
  expect(counts).toEqual({ tombstones: 3, identities: 1 });
});
