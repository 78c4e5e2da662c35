import { expect, test } from '@jest/globals';
import { LaneChoice } from '../../../src/ingest/lane.ts';
import type { Lane } from '../../../src/ingest/lane.ts';

const event = (own: { snapshot?: boolean; previous_key?: string } = {}) => ({ snapshot: false, ...own });
const of = (lane: Lane, followers: number, own = event(), inFlight = 0) =>
  new LaneChoice({ lane, behind: 2000, open: 100 }, () => inFlight).of({ followers }, own);

test('auto takes the batch lane for what is far behind and for snapshots', () => {
  expect(of('auto', 0)).toBe('event');
  expect(of('auto', 1999)).toBe('event');
  expect(of('auto', 2000)).toBe('batch');
  expect(of('auto', 0, event({ snapshot: true }))).toBe('batch');
});

test('auto takes the batch lane while events come faster than they are applied, until few are left', () => {
  let inFlight = 0;
  const choice = new LaneChoice({ lane: 'auto', behind: 2000, open: 100 }, () => inFlight);
  const at = (now: number) => {
    inFlight = now;
    return choice.of({ followers: 0 }, event());
  };
  expect([0, 99, 100, 99, 10, 9, 10, 99].map(at)).toEqual([
    'event',
    'event',
    'batch',
    'batch',
    'batch',
    'event',
    'event',
    'event',
  ]);
});

test('a lane that is named is taken, but a change of a key goes alone', () => {
  expect(of('event', 1_000_000, event({ snapshot: true }), 1_000_000)).toBe('event');
  expect(of('batch', 0)).toBe('batch');
  for (const lane of ['auto', 'batch'] as const)
    expect(of(lane, 1_000_000, event({ previous_key: '1' }), 1_000_000)).toBe('event');
});
