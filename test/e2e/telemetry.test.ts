import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { packageRoot } from '../../src/package-root.ts';
import { decideDeadLetters } from '../../src/cli/decide-dead-letters.ts';
import { runBlog } from '../support/blog-system.ts';
import { eventually } from '../support/eventually.ts';
import { seriesIn } from '../support/named-series.ts';
import { otlpReceiver } from '../support/otlp-receiver.ts';
import type { ReceivedSpan } from '../support/otlp-receiver.ts';

const addUser = `INSERT INTO legacy_users (username, email, phone_number) VALUES ($1, $2, $3)`;

/** Those whose events do not come about here: a series for each label, once there is one. */
const onlyDeclared = [
  'sync_alerts_total',
  'sync_echo_total',
  'sync_conflicts_total',
  'sync_clock_ahead_total',
  'sync_paused',
  'sync_pauses_total',
  'sync_resumes_total',
  'sync_trouble',
  'sync_trouble_detected_total',
  'sync_trouble_repaired_total',
  'sync_connector_restarts_total',
  'sync_log_headroom_bytes',
  'sync_log_headroom_seconds',
  'tandem_cache_reads_total',
  'tandem_endpoint_seconds',
  'sync_verify_rows_total',
];

test('an event shows as one trace from its record to the commit, and what is charted and alerted is on the live page', async () => {
  await using receiver = await otlpReceiver();
  await using blog = await runBlog({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    SYNC_LANE: 'event',
  });
  const name = `traced_${blog.run}`;
  await blog.app('legacy', addUser, [name, `${name}@example.com`, null]);
  await blog.see('revamp', 'SELECT 1 FROM revamp_users WHERE user_name = ?', [name]);
  await blog.app('revamp', 'UPDATE revamp_users SET display_name = ? WHERE user_name = ?', [
    `Display ${name}`,
    name,
  ]);
  await blog.see(
    'legacy',
    'SELECT full_name FROM legacy_users WHERE username = $1',
    [name],
    (row) => row?.['full_name'] === `Display ${name}`,
  );
  await blog.app('legacy', addUser, [`dead_${name}`, `dead_${name}@example.com`, '7'.repeat(60)]);
  const dead = await blog.deadLetter('users');

  const page = await eventually('the figures of the dead letter to be on the page', async () => {
    const answer = await fetch(`http://127.0.0.1:${blog.running.metricsPort}/metrics`);
    const text = await answer.text();
    return /^sync_dead_letters [1-9]/m.test(text) ? text : null;
  });
  const samples = new Set([...page.matchAll(/^(\w+)(?:\{.*\})? \S+$/gm)].map(([, series]) => series!));
  const declared = new Set([...page.matchAll(/^# TYPE (\w+) /gm)].map(([, series]) => series!));
  expect(
    named().filter((series) => !samples.has(series) && !onlyDeclared.includes(metricOf(series))),
  ).toEqual([]);
  expect(named().filter((series) => !declared.has(metricOf(series)))).toEqual([]);
  for (const side of ['legacy', 'revamp'])
    expect(page).toMatch(new RegExp(`^sync_total\\{table="${side}\\.\\w+",status="applied"\\} [1-9]`, 'm'));
  expect(page).toMatch(/^sync_dead_letters_raised_total\{table="legacy.legacy_users",error_type="data"\} 1/m);
  for (const step of ['capture', 'ingest', 'transformChange', 'resolveIdentity', 'upsertRow'])
    expect(page).toMatch(
      new RegExp(`^sync_step_seconds_count\\{table="legacy.legacy_users",step="${step}"\\} [1-9]`, 'm'),
    );

  const trace = await eventually('the spans of the event to be sent', () => {
    const spans = receiver.spans();
    const applied = spans.find(
      ({ name: step, attributes: of }) =>
        step === 'upsertRow' && of['tandem.side'] === 'legacy' && of['tandem.outcome'] === 'applied',
    );
    const whole = spans.filter(({ traceId }) => traceId === applied?.traceId);
    return whole.some(({ name: run }) => run === 'syncChange') ? whole : null;
  });
  expect(pathTo(trace, 'COMMIT')).toEqual([
    'ingest',
    'start syncChange',
    'syncChange',
    'applyChange',
    'upsertRow',
    'COMMIT',
  ]);
  expect(trace.map(({ name: span }) => span)).toEqual(
    expect.arrayContaining(['transformChange', 'resolveIdentity', 'INSERT revamp_users']),
  );
  const began = (of: string) => trace.find(({ name: span }) => span === of)!.startTimeUnixNano;
  expect(BigInt(began('syncChange'))).toBeLessThan(BigInt(began('applyChange')));
  const ingest = trace.find(({ name: span }) => span === 'ingest');
  expect(ingest?.attributes).toMatchObject({
    'tandem.entity': 'users',
    'tandem.operation': 'CREATE',
    'tandem.side': 'legacy',
    'messaging.destination.name': expect.stringContaining('legacy_users'),
  });
  await decideDeadLetters(blog.client, [dead.eventId], {
    kind: 'discard',
    reason: 'end of a test',
  });
  await eventually('the dead letter to show in a trace too', () =>
    receiver.spans().some(({ name: span }) => span === 'start deadLetter'),
  );
  expect(receiver.bodies.filter((body) => body.includes(name))).toEqual([]);
});

/** What dashboard and alert rules name. */
const named = (): string[] =>
  ['deploy/grafana/tandem.json', 'deploy/prometheus/alerts.yaml'].flatMap((file) =>
    seriesIn(readFileSync(join(packageRoot, file), 'utf8')),
  );

const metricOf = (series: string): string => series.replace(/_(?:bucket|count|sum)$/, '');

/** Names of the spans from the root of a trace to a span of it; fails where one is missing between. */
function pathTo(trace: readonly ReceivedSpan[], last: string): string[] {
  const path: string[] = [];
  for (let at = trace.find(({ name }) => name === last); at;) {
    path.unshift(at.name);
    const { parentSpanId } = at;
    if (parentSpanId === undefined) return path;
    at = trace.find(({ spanId }) => spanId === parentSpanId);
  }
  return ['(missing)', ...path];
}
