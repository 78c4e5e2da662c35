import { expect, test } from '@jest/globals';
import { SyncLag } from '../../../src/observability/lag.ts';
import { RecordsInHand } from '../../../src/observability/records-in-hand.ts';

function setting() {
  const clock = { now: 1_000_000 };
  const inHand = new RecordsInHand();
  const lag = new SyncLag(['a.x', 'a.y'], [inHand], () => clock.now);
  return { clock, inHand, lag };
}

test('caught up is zero however much time passes', () => {
  const { clock, lag } = setting();
  clock.now += 3_600_000;
  expect([...lag.seconds()]).toEqual([
    ['a.x', 0],
    ['a.y', 0],
  ]);
});

test('the oldest record in hand counts, and only of its table', () => {
  const { clock, inHand, lag } = setting();
  inHand.taken('1', 'a.x', clock.now - 4000);
  inHand.taken('2', 'a.x', clock.now - 9000);
  expect(lag.seconds().get('a.x')).toBe(9);
  expect(lag.seconds().get('a.y')).toBe(0);
  inHand.done('2');
  expect(lag.seconds().get('a.x')).toBe(4);
  inHand.done('1');
  expect(lag.seconds().get('a.x')).toBe(0);
});

test('parsing corrects the time of a record', () => {
  const { clock, inHand, lag } = setting();
  inHand.taken('1', 'a.x', clock.now);
  inHand.taken('1', 'a.x', clock.now - 60_000);
  expect(lag.worst()).toEqual({ table: 'a.x', seconds: 60 });
});

test('a feed that is behind with nothing in hand is as old as its last progress', () => {
  const { clock, inHand, lag } = setting();
  const position = { lagRecords: 0 as number | null, lastProgressAt: clock.now };
  inHand.watch({ tables: ['a.x'], position: () => position });
  clock.now += 20_000;
  expect(lag.seconds().get('a.x')).toBe(0);
  position.lagRecords = 12;
  expect(lag.seconds().get('a.x')).toBe(20);
  expect(inHand.records()).toBe(12);
  inHand.taken('1', 'a.x', clock.now - 1000);
  expect(lag.seconds().get('a.x')).toBe(1);
});

test('over several sources the oldest counts', () => {
  const now = 1_000_000;
  const source = (age: number) => ({ oldest: () => new Map([['a.x', now - age]]) });
  const lag = new SyncLag(['a.x'], [source(1000), source(30_000), source(2000)], () => now);
  expect(lag.worst()).toEqual({ table: 'a.x', seconds: 30 });
});

test('a source clock ahead of ours gives no negative lag', () => {
  const lag = new SyncLag(['a.x'], [{ oldest: () => new Map([['a.x', 2000]]) }], () => 1000);
  expect(lag.seconds().get('a.x')).toBe(0);
});
