import { expect, test } from '@jest/globals';
import type { ErrorClass } from '../../../src/errors/error-class.ts';
import { createLogger } from '../../../src/observability/logger.ts';
import { createMetrics } from '../../../src/observability/create-metrics.ts';
import { noTracing } from '../../../src/observability/tracing.ts';
import type { Tracing } from '../../../src/observability/tracing.ts';
import { observeSync } from '../../../src/process/observe-sync.ts';
import type { Alert } from '../../../src/temporal/alert.ts';
import { pair, TwoSides } from '../../support/two-sides.ts';

interface Line {
  level: string;
  msg: string;
  [field: string]: unknown;
}

function observed() {
  const lines: Line[] = [];
  const metrics = createMetrics({ processMetrics: false });
  const told: unknown[] = [];
  const tracing: Tracing = {
    ...noTracing,
    during: (span, work) => {
      told.push(span);
      return work();
    },
    note: (attributes) => void told.push(attributes),
  };
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Line) };
  return {
    lines,
    told,
    metrics,
    observer: observeSync(pair, { metrics, tracing }, createLogger({ level: 'info', destination })),
  };
}

const event = new TwoSides().insert('left', 'parents', { name: 'secret' });

test('an applied event is told at info with what operators look for, and nothing of its row', async () => {
  const { lines, metrics, observer } = observed();
  observer.applied(event, { outcome: 'applied', target_key: '7', replayed: false }, 0.0421);
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'info',
      event_id: event.event_id,
      entity_type: 'parents',
      operation: 'CREATE',
      source: 'left',
      processing_time_ms: 42,
      outcome: 'applied',
    }),
  ]);
  expect(JSON.stringify(lines)).not.toContain('secret');
  expect(await metrics.expose()).toContain('sync_total{table="left.parents",status="applied"} 1');
});

test('a skipped or replayed event is told at warn', () => {
  const { lines, observer } = observed();
  observer.applied(event, { outcome: 'stale', target_key: '7', replayed: false }, 1);
  observer.applied(event, { outcome: 'applied', target_key: '7', replayed: true }, 1);
  expect(lines.map(({ level }) => level)).toEqual(['warn', 'warn']);
});

test.each<[ErrorClass, string]>([
  ['constraint', 'error'],
  ['unavailable', 'error'],
  ['waiting_for_row', 'warn'],
  ['contention', 'warn'],
])('a try that failed with %s is told at %s', async (errorClass, level) => {
  const { lines, metrics, observer } = observed();
  observer.failed({
    verb: 'upsertRow',
    eventId: event.event_id,
    entity: 'parents',
    side: 'left',
    errorClass,
    message: 'refused',
    signature: `${errorClass}/parents/-/-`,
    attempt: 1,
  });
  expect(lines).toEqual([expect.objectContaining({ level, error_class: errorClass, step: 'upsertRow' })]);
  expect(await metrics.expose()).toContain(
    `sync_errors_total{table="left.parents",error_type="${errorClass}"} 1`,
  );
});

test('a dead letter is told at error and counted as failed', async () => {
  const { lines, metrics, observer } = observed();
  observer.deadLetterRaised(event.event_id, 'parents', 'left', 'data');
  expect(lines).toEqual([expect.objectContaining({ level: 'error', error_class: 'data' })]);
  expect(await metrics.expose()).toContain('sync_total{table="left.parents",status="failed"} 1');
  expect(await metrics.expose()).toContain(
    'sync_dead_letters_raised_total{table="left.parents",error_type="data"} 1',
  );
});

test('a conflict is counted once by its type and verdict, and not again when its event is replayed', async () => {
  const { metrics, observer } = observed();
  const conflict = 'update_origin_differs';
  observer.applied(event, { outcome: 'conflict_kept', target_key: '7', replayed: false, conflict }, 1);
  observer.applied(event, { outcome: 'conflict_kept', target_key: '7', replayed: true, conflict }, 1);
  observer.applied(event, { outcome: 'conflict_applied', target_key: '7', replayed: false, conflict }, 1);
  observer.applied(event, { outcome: 'applied', target_key: '7', replayed: false }, 1);
  const counted = (await metrics.expose()).match(/^sync_conflicts_total.*$/gm);
  expect(counted).toEqual([
    `sync_conflicts_total{table="left.parents",type="${conflict}",verdict="kept"} 1`,
    `sync_conflicts_total{table="left.parents",type="${conflict}",verdict="applied"} 1`,
  ]);
});

test('an event from the future is flagged with its side and seconds, beside its outcome', async () => {
  const { lines, metrics, observer } = observed();
  const result = { outcome: 'applied', target_key: '7', replayed: false } as const;
  observer.applied(event, { ...result, clock_ahead_seconds: 3600.5 }, 1);
  observer.applied(event, result, 1);
  expect(lines.map(({ level }) => level)).toEqual(['info', 'warn', 'info']);
  expect(lines[1]).toMatchObject({ event_id: event.event_id, side: 'left', ahead_seconds: 3600.5 });
  expect(await metrics.expose()).toContain('sync_clock_ahead_total{table="left.parents"} 1');
});

test('an alert is told at error with its cause and counts; that the webhook refused it is counted', async () => {
  const { lines, metrics, observer } = observed();
  const alert: Alert = {
    pipeline: 'pair',
    about: 'dead_letters',
    cause: 'data/parents/-/name',
    name: 'parents',
    reason: 'data',
    message: 'too long',
    hint: 'shorten it',
  };
  observer.alerted({ alert, more: 12, open: 37 });
  observer.posted(alert, 'the webhook answers 503');
  observer.posted(alert, null);
  observer.alerted({ alert, more: 0, open: 0 });
  expect(lines).toMatchObject([
    {
      level: 'error',
      msg: 'alert',
      signature: alert.cause,
      count: 12,
      left: 37,
      error: 'too long',
      repair: 'shorten it',
    },
    { level: 'warn', error: 'the webhook answers 503' },
    { level: 'info', msg: 'alert is over', signature: alert.cause, count: 0, left: 0 },
  ]);
  const page = await metrics.expose();
  expect(page).toContain('sync_alerts_total{result="failed"} 1');
  expect(page).toContain('sync_alerts_total{result="sent"} 1');
});

test('a pause is told by what it is of, and its end by who ended it and why', () => {
  const { lines, observer } = observed();
  const pause = {
    pipeline: 'pair',
    scope: { kind: 'entity', entity: 'parents' },
    reason: 'fuse',
    text: 'alike',
    signature: 's',
    epoch: null,
    trialEvent: null,
  } as const;
  const since = '2026-01-08T10:00:00.000Z';
  observer.pauseChanged({ ...pause, since, resumed: null });
  observer.pauseChanged({ ...pause, since, resumed: { by: 'operator', text: 'repaired', at: since } });
  expect(lines).toMatchObject([
    { msg: 'paused', scope: 'pair/parents', reason: 'fuse', error: 'alike' },
    { msg: 'resumed', scope: 'pair/parents', by: 'operator', because: 'repaired' },
  ]);
});

test('each try of a step is timed, whatever it comes to, and its span says what of', async () => {
  const { told, metrics, observer } = observed();
  const of = { eventId: event.event_id, entity: 'parents', operation: 'CREATE', side: 'left' };
  const applied = { outcome: 'applied', target_key: '7', replayed: false };
  await observer.during({ step: 'transformChange', ...of }, () => Promise.resolve({ row: null }));
  await observer.during({ step: 'upsertRow', ...of }, () => Promise.resolve(applied));
  await observer
    .during({ step: 'upsertRow', ...of }, () => Promise.reject(new Error('secret')))
    .catch(() => {});
  const attributes = {
    'tandem.event_id': event.event_id,
    'tandem.entity': 'parents',
    'tandem.operation': 'CREATE',
    'tandem.side': 'left',
  };
  expect(told).toEqual([
    { name: 'transformChange', attributes },
    { name: 'upsertRow', attributes },
    { 'tandem.outcome': 'applied', 'tandem.replayed': false },
    { name: 'upsertRow', attributes },
  ]);
  expect(await metrics.expose()).toContain(
    'sync_step_seconds_count{table="left.parents",step="upsertRow"} 2',
  );
});
