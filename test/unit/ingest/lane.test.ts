import { expect, test } from '@jest/globals';
import { laneOf } from '../../../src/ingest/lane.ts';
import type { Lane } from '../../../src/ingest/lane.ts';

const event = (own: { snapshot?: boolean; previous_key?: string } = {}) => ({ snapshot: false, ...own });
const of = (lane: Lane, followers: number, own = event()) =>
  laneOf({ lane, behind: 2000 }, { followers }, own);

test('auto takes the batch lane for what is far behind and for snapshots', () => {
  expect(of('auto', 0)).toBe('event');
  expect(of('auto', 1999)).toBe('event');
  expect(of('auto', 2000)).toBe('batch');
  expect(of('auto', 0, event({ snapshot: true }))).toBe('batch');
});

test('a lane that is named is taken, but a change of a key goes alone', () => {
  expect(of('event', 1_000_000, event({ snapshot: true }))).toBe('event');
  expect(of('batch', 0)).toBe('batch');
  for (const lane of ['auto', 'batch'] as const)
    expect(of(lane, 1_000_000, event({ previous_key: '1' }))).toBe('event');
});
