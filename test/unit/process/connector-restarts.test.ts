import { expect, test } from '@jest/globals';
import { ConnectorRestarter, mayRestart } from '../../../src/process/connectors/restarts.ts';
import { connectorTroubles, graceMs } from '../../../src/process/connectors/troubles.ts';
import type { ConnectorState, ConnectorView } from '../../../src/process/connectors/watch.ts';
import { retentionTroubles } from '../../../src/process/watchdog.ts';

const minute = 60_000;

const view = (state: ConnectorState, since = 0): ConnectorView => ({
  name: 'c',
  state,
  since,
  reached: null,
  stillSince: null,
  offset: null,
  cause: state === 'failed' ? ['ConnectException: it broke'] : [],
});

test.each([
  ['the first', [], 0, true],
  ['one less than a minute after another', [0], minute - 1, false],
  ['one a minute after another', [0], minute, true],
  ['the fifth', [0, 1, 2, 3].map((n) => n * minute), 4 * minute, true],
  ['a sixth within ten minutes', [0, 1, 2, 3, 4].map((n) => n * minute), 10 * minute - 1, false],
  ['one when the first is ten minutes ago', [0, 1, 2, 3, 4].map((n) => n * minute), 10 * minute, true],
])('%s', (_, earlier, now, may) => {
  expect(mayRestart(earlier, now)).toBe(may);
});

function restarter() {
  let now = 0;
  const restarts: number[] = [];
  const left: number[] = [];
  const made = new ConnectorRestarter({
    restart: () => Promise.reject(new Error('Kafka Connect is away')),
    onRestart: () => restarts.push(now),
    onLeft: () => left.push(now),
    now: () => now,
  });
  return {
    made,
    restarts,
    left,
    look: async (at: number, state: ConnectorState, leads = true) => {
      now = at;
      await made.act([view(state)], () => leads);
    },
  };
}

test('a connector that keeps failing is restarted five times in ten minutes, then left and told once', async () => {
  const { made, restarts, left, look } = restarter();
  for (let now = 0; now < 10 * minute; now += 5000) await look(now, 'failed');
  expect(restarts).toEqual([0, 1, 2, 3, 4].map((n) => n * minute));
  expect(left).toEqual([4 * minute + 5000]);
  expect(made.left('c')).toBe(0);
  await look(10 * minute, 'failed');
  expect(restarts).toHaveLength(6);
});

test('only what failed is restarted, and only by the process that leads', async () => {
  const { restarts, look } = restarter();
  for (const state of ['running', 'starting', 'paused', 'missing', 'unreachable'] as const)
    await look(0, state);
  await look(0, 'failed', false);
  expect(restarts).toEqual([]);
});

test('a failure is a trouble at once, what may pass only after a minute', () => {
  const troubles = (state: ConnectorState, now: number) =>
    connectorTroubles('blog', [view(state)], now, () => 3).map(({ kind, severity, message }) => [
      kind,
      severity,
      message,
    ]);
  expect(troubles('running', 9 * minute)).toEqual([]);
  expect(troubles('failed', 0)).toEqual([
    [
      'connector_failed',
      'fail',
      'the connector or a task of it failed; ConnectException: it broke; 3 of 5 restarts in 10 minutes left',
    ],
  ]);
  expect(troubles('paused', 0)).toMatchObject([['connector_paused', 'warn', expect.any(String)]]);
  for (const [state, kind] of [
    ['starting', 'connector_not_running'],
    ['missing', 'connector_missing'],
    ['unreachable', 'connect_unreachable'],
  ] as const) {
    expect(troubles(state, graceMs - 1)).toEqual([]);
    expect(troubles(state, graceMs)).toMatchObject([[kind, 'fail', expect.any(String)]]);
  }
});

test('a log that runs out or is lost is a trouble of its side', () => {
  const retention = (state: 'kept' | 'unknown' | 'running_out' | 'lost') =>
    retentionTroubles('legacy', { state, found: 'f', repair: 'r', secondsLeft: null, bytesLeft: null });
  expect(retention('kept')).toEqual([]);
  expect(retention('unknown')).toEqual([]);
  expect(retention('running_out')).toMatchObject([{ kind: 'log_running_out', name: 'legacy' }]);
  expect(retention('lost')).toMatchObject([
    { kind: 'log_lost', severity: 'fail', message: 'f', repair: 'r' },
  ]);
});
