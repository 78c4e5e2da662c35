import { expect, test } from '@jest/globals';
import { entityStatus } from '../../../../src/cli/status/entity-status.ts';
import type { Seen } from '../../../../src/cli/status/entity-status.ts';
import { pause } from './well.ts';
import { peopleAndPersons } from '../../../support/people-and-persons.ts';

const { routes } = peopleAndPersons('town');
const fromLeft = routes.find(({ source }) => source.side === 'left')!;
const fromRight = routes.find(({ source }) => source.side === 'right')!;

const now = Date.parse('2026-01-08T10:00:00Z');
const open = { inFlight: 4, retrying: 1, waiting: 1, deadLetters: 2 };
const work = (oldest: [string, number][] = []) => ({ all: open, of: () => open, oldest: new Map(oldest) });
const reader = (byTopic: [string, number][] | null, unread = 0) => ({
  look: { name: 'g', members: 1, unread },
  byTopic: byTopic === null ? null : new Map(byTopic),
});
const settings = { databaseUrl: 'mysql://u@h/shop', topics: null };
const away = { away: 'it is away' };

const of = (changes: Partial<Seen>, route = fromLeft) =>
  entityStatus(route, {
    work: work(),
    pauses: [],
    settings,
    reader: reader([]),
    processed: [],
    now,
    ...changes,
  });

test('the ledger of the side it goes to tells its own outcomes', () => {
  const processed = [
    { entity: 'people', outcome: 'applied', events: 30 },
    { entity: 'people', outcome: 'stale', events: 2 },
    { entity: 'houses', outcome: 'applied', events: 7 },
  ];
  expect(of({ processed })).toMatchObject({
    from: 'left',
    to: 'right',
    lastMinute: { applied: 30, stale: 2 },
  });
  expect(of({ processed: away }).lastMinute).toEqual(away);
});

test('unread is what waits in its own topic, and unknown where others share it', () => {
  expect(
    of({
      reader: reader(
        [
          ['left.public.people', 5],
          ['left.public.houses', 9],
        ],
        14,
      ),
    }).unread,
  ).toBe(5);
  expect(of({ reader: reader([['right.shop.persons', 6]], 6) }, fromRight).unread).toBe(6);
  expect(
    of({ reader: reader([['all', 5]], 5), settings: { ...settings, topics: ['all'] } }).unread,
  ).toBeNull();
  expect(of({ reader: reader(null, 5) }).unread).toBeNull();
  expect(of({ reader: away }).unread).toEqual(away);
  expect(of({ reader: null }).unread).toBeNull();
});

test('the lag is the age of the oldest unapplied event of the table it comes from', () => {
  const ages: [string, number][] = [
    ['left.people', now - 90_000],
    ['right.persons', now - 7000],
  ];
  expect(of({ work: work(ages), reader: away }).lagSeconds).toBe(90);
  expect(of({ work: work(ages) }, fromRight).lagSeconds).toBe(7);
});

test('it is caught up only where nothing is open and nothing unread', () => {
  expect(of({}).lagSeconds).toBe(0);
  expect(of({ reader: null }).lagSeconds).toBe(0);
  expect(of({ reader: reader([['left.public.people', 5]], 5) }).lagSeconds).toBeNull();
  expect(of({ reader: reader(null, 5) }).lagSeconds).toBeNull();
  expect(of({ reader: away }).lagSeconds).toBeNull();
  expect(of({ work: away })).toMatchObject({ lagSeconds: null, work: away });
});

test('a pause of the pipeline, the entity or the side it comes from holds it, each reason once', () => {
  const side = (side: string) => ({
    ...pause,
    scope: { kind: 'side', side } as const,
    reason: 'operator' as const,
  });
  expect(of({ pauses: [pause, pause, side('left'), side('right')] }).paused).toEqual(['fuse', 'operator']);
  expect(of({ pauses: [side('right')] }).paused).toEqual([]);
  expect(of({ pauses: away }).paused).toEqual([]);
});
