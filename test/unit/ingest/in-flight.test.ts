import { expect, test } from '@jest/globals';
import { InFlight } from '../../../src/ingest/in-flight.ts';

function gate(limit: number) {
  const told: string[] = [];
  const clock = { ms: 0 };
  const visibility = { running: 0, batches: 0, waiting: 0, away: false };
  const inFlight = new InFlight({
    limit,
    intervalMs: 1000,
    now: () => clock.ms,
    count: () =>
      visibility.away ? Promise.reject(new Error('UNAVAILABLE')) : Promise.resolve({ ...visibility }),
    waitingLimit: 20,
    onCrowded: (crowded, waiting) => told.push(`${crowded ? 'crowded' : 'not crowded'} at ${waiting}`),
    onClose: (count) => told.push(`closed at ${count}`),
    onOpen: (count) => told.push(`open at ${count}`),
  });
  /** Counts, so long after the last time. */
  const refresh = async (ms = 1000) => {
    clock.ms += ms;
    await inFlight.refresh();
  };
  return { inFlight, visibility, told, refresh };
}

const start = (inFlight: InFlight) => inFlight.track(() => Promise.resolve());

test('closes at the limit by own starts alone, and opens at 80 % by count', async () => {
  const { inFlight, visibility, told, refresh } = gate(10);
  for (let count = 0; count < 9; count++) await start(inFlight);
  expect(inFlight.closed).toBe(false);
  await start(inFlight);
  expect(inFlight.closed).toBe(true);
  visibility.running = 9;
  for (let count = 0; count < 3; count++) await refresh();
  expect(inFlight.closed).toBe(true);
  visibility.running = 8;
  await refresh();
  expect(inFlight.closed).toBe(false);
  expect(told).toEqual(['closed at 10', 'open at 8']);
});

test('a start that visibility does not show yet still counts for one interval', async () => {
  const { inFlight, refresh } = gate(10);
  for (let count = 0; count < 10; count++) await start(inFlight);
  await refresh(999);
  expect(inFlight.closed).toBe(true);
  await refresh(1);
  expect(inFlight.closed).toBe(false);
});

test('a start under way counts, one that fails does not', async () => {
  const { inFlight, refresh } = gate(2);
  let fail: (error: Error) => void = () => {};
  const failing = inFlight.track(() => new Promise((_, reject) => (fail = reject)));
  await refresh();
  await refresh();
  expect(inFlight.estimate).toBe(1);
  fail(new Error('aborted'));
  await expect(failing).rejects.toThrow('aborted');
  expect(inFlight.estimate).toBe(0);
});

test('while visibility is away the gate never opens, and it recovers by the first counts after', async () => {
  const { inFlight, visibility, told, refresh } = gate(3);
  visibility.away = true;
  for (let count = 0; count < 3; count++) await start(inFlight);
  for (let count = 0; count < 5; count++) await refresh();
  expect(inFlight.closed).toBe(true);
  visibility.away = false;
  await refresh();
  await refresh();
  expect(inFlight.closed).toBe(false);
  expect(told).toEqual(['closed at 3', 'open at 0']);
});

test('what others started closes it too', async () => {
  const { inFlight, visibility, refresh } = gate(5);
  visibility.running = 5;
  await refresh();
  expect(inFlight.closed).toBe(true);
});

test('events that wait for another row are not held against the limit, and have their own', async () => {
  const { inFlight, visibility, told, refresh } = gate(10);
  Object.assign(visibility, { running: 28, waiting: 19 });
  await refresh();
  expect([inFlight.closed, inFlight.estimate]).toEqual([false, 9]);
  Object.assign(visibility, { running: 29, waiting: 20 });
  await refresh();
  Object.assign(visibility, { running: 26, waiting: 17 });
  await refresh();
  expect(told).toEqual(['crowded at 20']);
  Object.assign(visibility, { running: 25, waiting: 16 });
  await refresh();
  expect(told).toEqual(['crowded at 20', 'not crowded at 16']);
  expect(inFlight.closed).toBe(false);
});

test('a batch that runs counts as large as those that were started here, and before any as large as it may be', async () => {
  const { inFlight, visibility, refresh } = gate(1000);
  visibility.batches = 1;
  await refresh();
  expect(inFlight.estimate).toBe(500);
  for (let started = 0; started < 100; started++) await inFlight.track(() => Promise.resolve(), 10);
  for (let count = 0; count < 3; count++) await refresh();
  expect(inFlight.estimate).toBe(10);
});

test('a batch under way is held against the limit with all of its events', async () => {
  const { inFlight } = gate(100);
  let land = () => {};
  const started = inFlight.track(() => new Promise<void>((resolve) => (land = resolve)), 100);
  expect(inFlight.closed).toBe(true);
  land();
  await started;
});
