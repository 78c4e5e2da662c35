import { expect, test } from '@jest/globals';
import { ConnectorsWatch, observe, reachedTime } from '../../../src/process/connectors/watch.ts';
import type { ConnectorStatus, SourceOffset } from '../../../src/process/connectors/connect-rest.ts';

const status = (connector: string, ...tasks: string[]): ConnectorStatus => ({
  name: 'c',
  state: connector,
  cause: [],
  tasks: tasks.map((state, id) => ({
    id,
    state,
    cause: state === 'FAILED' ? ['ConnectException: it broke'] : [],
  })),
});

test.each([
  [status('RUNNING', 'RUNNING'), 'running'],
  [status('RUNNING', 'RUNNING', 'FAILED'), 'failed'],
  [status('FAILED'), 'failed'],
  [status('RUNNING'), 'starting'],
  [status('UNASSIGNED', 'UNASSIGNED'), 'starting'],
  [status('RUNNING', 'RESTARTING'), 'starting'],
  [status('PAUSED', 'PAUSED'), 'paused'],
  [status('STOPPED'), 'paused'],
  [null, 'missing'],
])('%j is seen as %s', (seen, state) => {
  expect(observe('c', null, { status: seen, offset: null }, 1).state).toBe(state);
});

test('a failed task keeps its cause as long as it lasts', () => {
  const failed = observe('c', null, { status: status('RUNNING', 'FAILED'), offset: null }, 1);
  expect(failed.cause).toEqual(['ConnectException: it broke']);
  expect(observe('c', failed, { status: status('RUNNING', 'RUNNING'), offset: null }, 2).cause).toEqual([]);
});

test('the commit time reached is read from either engine’s offset', () => {
  expect(reachedTime({ lsn: 5, ts_usec: 1_700_000_000_123_456 })).toBe(1_700_000_000_123);
  expect(reachedTime({ file: 'binlog.000002', pos: 4, ts_sec: 1_700_000_000 })).toBe(1_700_000_000_000);
  expect(reachedTime({ file: 'binlog.000002', pos: 4 })).toBeNull();
});

test('running counts from the first of the looks that all saw it; one without an answer ends it', async () => {
  let now = 0;
  let seen: ConnectorStatus | null | Error = status('RUNNING', 'RUNNING');
  const answers = { offsets: [{ ts_sec: 7 }] as SourceOffset[] | Error };
  const answer = <T>(value: T | Error): Promise<T> =>
    value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
  const watch = new ConnectorsWatch({
    rest: { status: () => answer(seen), offsets: () => answer(answers.offsets) },
    connectors: ['c'],
    now: () => now,
  });
  const lookAt = async (time: number) => {
    now = time;
    await watch.look();
    return watch.runningSince('c');
  };
  expect(watch.of('c')).toBeNull();
  expect(watch.runningSince('c')).toBeNull();
  expect(await lookAt(10)).toBe(10);
  expect(await lookAt(20)).toBe(10);
  answers.offsets = new Error('no offsets');
  expect(await lookAt(30)).toBe(10);
  expect(watch.of('c')).toMatchObject({ reached: 7000, offset: { ts_sec: 7 } });
  seen = new Error('no answer');
  expect(await lookAt(40)).toBeNull();
  expect(watch.of('c')).toMatchObject({ state: 'unreachable', since: 40, reached: 7000 });
  seen = status('RUNNING', 'RUNNING');
  expect(await lookAt(50)).toBe(50);
  seen = status('RUNNING', 'FAILED');
  expect(await lookAt(60)).toBeNull();
  expect(watch.of('c')).toMatchObject({ state: 'failed', since: 60 });
});
