import { expect, jest, test } from '@jest/globals';
import { InFlight } from '../../../src/ingest/in-flight.ts';

function gate(limit: number) {
  const told: string[] = [];
  const clock = { ms: 0 };
  const visibility = { running: 0, batches: 0, waiting: 0, away: false };
  const inFlight = new InFlight({
    limit,
    intervalMs: 1000,
    closelyFrom: limit / 2,
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

/** Batches that start at once and end when told to. */
function batches(inFlight: InFlight) {
  const signal = new AbortController();
  const started: number[] = [];
  const begin = (events: number) => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const begun = inFlight.trackBatch(
      () => {
        started.push(events);
        return Promise.resolve({ ended });
      },
      events,
      signal.signal,
    );
    return { begun, end: () => (end(), settled()) };
  };
  return { begin, started, abort: () => signal.abort(new Error('stopping')) };
}
const settled = () => new Promise(setImmediate);

test('a batch of others counts as large as those that were started here, and before any as large as it may be', async () => {
  const { inFlight, visibility, refresh } = gate(1000);
  visibility.batches = 1;
  await refresh();
  expect(inFlight.estimate).toBe(500);
  const { begin } = batches(inFlight);
  for (let started = 0; started < 100; started++) {
    const { begun, end } = begin(10);
    await begun;
    await end();
  }
  for (let count = 0; count < 3; count++) await refresh();
  expect(inFlight.estimate).toBe(10);
});

test('a batch is held with all of its events until it has ended, whatever visibility says', async () => {
  const { inFlight, visibility, refresh } = gate(100);
  const { begun, end } = batches(inFlight).begin(60);
  await begun;
  await refresh();
  expect(inFlight.estimate).toBe(60);
  visibility.batches = 1;
  await refresh();
  expect(inFlight.estimate).toBe(60);
  await end();
  await refresh(999);
  expect(inFlight.estimate).toBe(0);
  visibility.batches = 0;
  await refresh();
  expect(inFlight.estimate).toBe(0);
});

test('a batch that could not be started is not held', async () => {
  const { inFlight } = gate(100);
  const failing = inFlight.trackBatch(
    () => Promise.reject(new Error('away')),
    60,
    new AbortController().signal,
  );
  await expect(failing).rejects.toThrow('away');
  expect(inFlight.estimate).toBe(0);
});

test('batches wait in turn for room below the limit, and one that is larger goes alone', async () => {
  const { inFlight, told } = gate(100);
  const { begin, started } = batches(inFlight);
  const [first, second, third, large] = [50, 49, 1, 400].map(begin);
  await second!.begun;
  expect(started).toEqual([50, 49]);
  await first!.end();
  expect(started).toEqual([50, 49, 1]);
  await second!.end();
  expect(started).toEqual([50, 49, 1]);
  await third!.end();
  expect(started).toEqual([50, 49, 1, 400]);
  await large!.end();
  expect(inFlight.estimate).toBe(0);
  expect(told).toEqual(['closed at 400', 'open at 0']);
});

test('few batches run at a time, however small they are', async () => {
  const { inFlight } = gate(1000);
  const { begin, started } = batches(inFlight);
  const [first, ...others] = [1, 2, 3, 4, 5].map(begin);
  await others.at(-2)!.begun;
  expect(started).toEqual([1, 2, 3, 4]);
  await first!.end();
  expect(started).toEqual([1, 2, 3, 4, 5]);
});

test('a batch that waits for room gives up with its signal, and those behind it go on', async () => {
  const { inFlight } = gate(100);
  const [held, waiting, behind] = [batches(inFlight), batches(inFlight), batches(inFlight)];
  await held.begin(90).begun;
  const { begun } = waiting.begin(50);
  const next = behind.begin(5);
  waiting.abort();
  await expect(begun).rejects.toThrow('stopping');
  await next.begun;
  expect(behind.started).toEqual([5]);
});

test('a batch that waits for room for long closes the gate', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  try {
    const { inFlight, told, refresh } = gate(1000);
    const { begin } = batches(inFlight);
    const [held, ...others] = [1, 2, 3, 4].map(begin);
    const waiting = begin(5);
    await others.at(-1)!.begun;
    jest.advanceTimersByTime(9999);
    await refresh();
    expect(inFlight.closed).toBe(false);
    jest.advanceTimersByTime(1);
    await refresh();
    expect(told).toEqual(['closed at 10']);
    await held!.end();
    await waiting.begun;
    expect(told).toEqual(['closed at 10', 'open at 14']);
  } finally {
    jest.useRealTimers();
  }
});
