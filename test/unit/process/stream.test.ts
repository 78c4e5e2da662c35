import { expect, test } from '@jest/globals';
import { Stream } from '../../../src/process/streams/stream.ts';
import type { StreamLook } from '../../../src/process/streams/stream.ts';

/** One topic of one partition: `end` records in it, `consumed` of them taken. */
const look = (
  at: number,
  of: Partial<StreamLook> & { end?: number; consumedTo?: number } = {},
): StreamLook => {
  const { end = 0, consumedTo = end, ...own } = of;
  return {
    at,
    live: true,
    reached: at,
    ends: new Map([['t/0', end]]),
    consumed: new Map([['t/0', consumedTo]]),
    ...own,
  };
};

test('is live from the look at which it had passed the commit time', () => {
  const stream = new Stream();
  stream.observe(look(100, { reached: 50 }));
  expect(stream.liveMs(60, 100)).toBe(0);
  stream.observe(look(200, { reached: 150 }));
  expect(stream.liveMs(60, 260)).toBe(60);
  expect(stream.liveMs(50, 260)).toBe(160);
});

test('has not passed what stands in the topic and is not consumed', () => {
  const stream = new Stream();
  stream.observe(look(100, { reached: 90, end: 5, consumedTo: 3 }));
  expect(stream.liveMs(80, 200)).toBe(0);
  // More came meanwhile: only what was there at the time has to be consumed.
  stream.observe(look(200, { reached: 190, end: 50, consumedTo: 5 }));
  expect(stream.liveMs(80, 300)).toBe(100);
  expect(stream.liveMs(150, 300)).toBe(0);
});

test.each<[string, (stream: Stream) => void]>([
  ['a pause, a failure, an outage', (stream) => stream.observe(look(500, { live: false }))],
  ['a look that failed', (stream) => stream.lost()],
])('%s begins the time anew', (_, breaks) => {
  const stream = new Stream();
  stream.observe(look(100));
  expect(stream.liveMs(50, 400)).toBe(300);
  breaks(stream);
  expect(stream.liveMs(50, 600)).toBe(0);
  stream.observe(look(700));
  expect(stream.liveMs(50, 1000)).toBe(300);
});

test('a connector that nobody knows where it stands brings nothing forward', () => {
  const stream = new Stream();
  stream.observe(look(100, { reached: null }));
  expect(stream.liveMs(1, 1000)).toBe(0);
});

test('answers for any time after days, with a later passing at worst, and stays small', () => {
  const stream = new Stream();
  for (let at = 0; at < 100_000; at += 10) stream.observe(look(at));
  for (const committed of [0, 5000, 50_000, 99_000]) {
    const live = stream.liveMs(committed, 100_000);
    expect(live).toBeLessThanOrEqual(100_000 - committed);
    expect(live).toBeGreaterThan((100_000 - committed) / 4);
  }
});
