import { expect, test } from '@jest/globals';
import type { EntityStatus, SideStatus } from '../../../../src/cli/status/report.ts';
import { statusText } from '../../../../src/cli/status/view.ts';
import { entity, job, pause, reportOf, side, well } from './well.ts';

/** The cells of the line that begins with a word. */
function row(text: string, first: string): string[] {
  const line = text.split('\n').find((each) => each.startsWith(`│ ${first} `));
  return (
    line
      ?.split('│')
      .slice(1, -1)
      .map((each) => each.trim()) ?? []
  );
}

const entityRow = (changes: Partial<EntityStatus>) =>
  row(statusText(reportOf({ ...well, entities: [{ ...entity, ...changes }] })), 'people');
const sideRow = (changes: Partial<SideStatus>) =>
  row(statusText(reportOf({ ...well, sides: [{ ...side, ...changes }] })), 'left');

test('what needs somebody to look is linked', () => {
  const work = { inFlight: 0, retrying: 0, waiting: 0, deadLetters: 0 };
  const text = (of: Partial<typeof work>) => statusText(reportOf({ ...well, work: { ...work, ...of } }));
  expect(text({ deadLetters: 1 })).toContain('dead letters: http://ui/dead');
  expect(text({ waiting: 1 })).toContain('in trouble: http://ui/trouble');
  expect(text({ inFlight: 1 })).not.toContain('http://ui');
});

test('a pipeline that is well is told in whole', () => {
  const text = statusText(reportOf(well));
  expect(text.split('\n')[0]).toBe('2026-01-08T10:00:00Z');
  expect(text).toContain('town: in flight 0 · retrying 0 · waiting 0 · dead letters 0');
  expect(row(text, 'people')).toEqual([
    'people',
    'left → right',
    '0.0',
    '0',
    'caught up',
    '0',
    '0',
    '0',
    '0',
    '',
  ]);
  expect(row(text, 'left')).toEqual([
    'left',
    'postgres, 3 ms',
    'tandem-left running, task 0 RUNNING',
    'tandem-town, members 2, unread 0',
    'the slot holds 0.1 GiB',
  ]);
  expect(row(text, 'town')).toEqual(expect.arrayContaining(['refresh', '1 min']));
  expect(text.split('\n').at(-1)).toBe('nothing needs an operator');
});

test('an entity says how fast it goes, how far behind it is, and what holds it', () => {
  const work = { inFlight: 1200, retrying: 7, waiting: 5, deadLetters: 3 };
  expect(
    entityRow({
      lastMinute: { applied: 118, stale: 2 },
      unread: 4000,
      lagSeconds: 300,
      work,
      paused: ['fuse'],
    }),
  ).toEqual([
    'people',
    'left → right',
    '2.0',
    '4,000',
    '5 min',
    '1,200',
    '7',
    '5',
    '3',
    'paused: fuse, 118 applied, 2 stale',
  ]);
  expect(entityRow({ unread: null, lagSeconds: null }).slice(3, 5)).toEqual(['', 'unknown']);
});

test('a side says how its changes come', () => {
  const other = { connector: null, reader: null, log: null };
  expect(sideRow({ ...other, feed: 'polling', poll: { running: true } })[2]).toBe('polling');
  expect(sideRow({ ...other, feed: 'polling', poll: { running: false } })[2]).toBe('polling, not running');
  expect(sideRow({ ...other, feed: null }).slice(2)).toEqual(['none', '', '']);
  const queue = { name: 'changes', members: null, unread: 12 };
  expect(sideRow({ ...other, feed: 'sqs', reader: queue }).slice(2, 4)).toEqual([
    'queue',
    'changes, unread 12',
  ]);
  const log = { state: 'lost', found: 'it is gone', repair: '', secondsLeft: 0, bytesLeft: null } as const;
  expect(sideRow({ log })[4]).toBe('lost: it is gone');
});

test('what is away leaves its cells, and everything else is shown; what needs an operator comes last', () => {
  const away = { away: 'Temporal does not answer' };
  const text = statusText(
    reportOf(
      {
        ...well,
        work: away,
        pauses: away,
        jobs: away,
        entities: [{ ...entity, work: away, lagSeconds: null }],
      },
      ['away: Temporal does not answer', 'town/left: nobody reads'],
    ),
  );
  expect(text).toContain('town: away: Temporal does not answer');
  expect(row(text, 'people').slice(2, 9)).toEqual(['0.0', '0', 'unknown', 'away', 'away', 'away', 'away']);
  expect(row(text, 'left')[1]).toBe('postgres, 3 ms');
  expect(text.split('\n').slice(-3)).toEqual([
    'these need an operator:',
    '  away: Temporal does not answer',
    '  town/left: nobody reads',
  ]);
});

test('pauses are told with their reason, whoever paused', () => {
  const text = statusText(reportOf({ ...well, pauses: [pause], jobs: [job] }));
  expect(text).toContain('paused: town/people since 2026-01-08T10:00:00.000Z, fuse: constraint/23505');
});
