import { afterEach, expect, test } from '@jest/globals';
import { ConfigError } from '../../../src/errors/config-error.ts';
import { Health } from '../../../src/observability/health.ts';
import type { ConsumerPosition, HealthReport } from '../../../src/observability/health.ts';
import { startHttp } from '../../../src/observability/http.ts';
import type { HttpServers } from '../../../src/observability/http.ts';
import { SyncLag } from '../../../src/observability/lag.ts';
import { createMetrics } from '../../../src/observability/create-metrics.ts';

let servers: HttpServers | undefined;

afterEach(async () => {
  await servers?.close();
  servers = undefined;
});

async function serve(health: Health, ports = { healthPort: 0, metricsPort: 0 }) {
  servers = await startHttp({ health, metrics: createMetrics(), host: '127.0.0.1', ...ports });
  const { healthPort, metricsPort } = servers;
  return {
    healthPort,
    metricsPort,
    async get(path: string) {
      const port = path === '/metrics' ? metricsPort : healthPort;
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: response.status, text: await response.text() };
    },
    async report() {
      const response = await fetch(`http://127.0.0.1:${healthPort}/health`);
      return { status: response.status, body: (await response.json()) as HealthReport };
    },
  };
}

const moving = (now: number): ConsumerPosition => ({ lagRecords: 0, lastProgressAt: now, paused: false });

test('a well process answers 200 with all parts', async () => {
  const health = new Health({ lag: new SyncLag(['a.x'], []) });
  health.registerCheck('database', async () => {});
  health.registerConsumer('left', () => moving(Date.now()));
  health.ready(true);
  const http = await serve(health);
  expect((await http.get('/livez')).status).toBe(200);
  expect((await http.get('/readyz')).status).toBe(200);
  const { status, body } = await http.report();
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: 'healthy',
    consumers: { left: { status: 'running', lag_records: 0 } },
    checks: {
      database: { status: 'ok', message: 'ok', latency: expect.any(Number) },
      sync_lag: { status: 'ok', message: 'caught up' },
    },
  });
  expect(body.uptime).toBeGreaterThanOrEqual(0);
  expect(Number.isNaN(Date.parse(body.timestamp))).toBe(false);
  expect((await http.get('/metrics')).text).toContain('# TYPE sync_lag_seconds gauge');
  expect((await http.get('/nothing')).status).toBe(404);
});

test('a check that fails or never answers makes /health 503 and says so, and leaves /livez alone', async () => {
  const health = new Health();
  health.registerCheck('kafka', async () => {
    throw new Error('no broker');
  });
  health.registerCheck('temporal', () => new Promise(() => {}), { timeoutMs: 20 });
  health.registerCheck('database', async () => 'PostgreSQL 18.4');
  const http = await serve(health);
  const { status, body } = await http.report();
  expect(status).toBe(503);
  expect(body.status).toBe('unhealthy');
  expect(body.checks).toMatchObject({
    kafka: { status: 'fail', message: 'no broker' },
    temporal: { status: 'fail', message: 'no answer within 20 ms' },
    database: { status: 'ok', message: 'PostgreSQL 18.4' },
  });
  expect((await http.get('/livez')).status).toBe(200);
});

test('lag over the limit makes /health 503', async () => {
  const now = 1_000_000;
  const lag = (seconds: number) =>
    new SyncLag(['a.x'], [{ oldest: () => new Map([['a.x', now - seconds * 1000]]) }], () => now);
  expect((await new Health({ lag: lag(30) }).report()).status).toBe('healthy');
  const behind = await new Health({ lag: lag(31) }).report();
  expect(behind.status).toBe('unhealthy');
  expect(behind.checks['sync_lag']).toMatchObject({ status: 'fail', message: 'a.x is 31.0 s behind' });
});

test('ready only once told so, and not while a check fails', async () => {
  let well = true;
  const health = new Health();
  health.registerCheck('database', async () => {
    if (!well) throw new Error('refused');
  });
  expect(health.readyz()).toEqual({ ok: false, message: 'starting or draining' });
  health.ready(true);
  await health.report();
  expect(health.readyz().ok).toBe(true);
  well = false;
  await health.report();
  expect(health.readyz()).toEqual({ ok: false, message: 'database: refused' });
});

test('what the process can do without fails /health and not its readiness', async () => {
  const health = new Health();
  const refuse = () => Promise.reject(new Error('refused'));
  health.registerCheck('cache', refuse, { needed: false });
  health.ready(true);
  expect((await health.report()).status).toBe('unhealthy');
  expect(health.readyz()).toEqual({ ok: true, message: 'ready' });
});

test('a consumer that stands still while all is well is not live after a minute', () => {
  let now = 0;
  const health = new Health({ now: () => now });
  const position = { lagRecords: 5, lastProgressAt: 0, paused: false };
  health.registerConsumer('left', () => position);
  now = 60_000;
  expect(health.livez().ok).toBe(true);
  now = 60_001;
  expect(health.livez()).toEqual({ ok: false, message: 'consumer left does not move' });
  position.paused = true;
  expect(health.livez().ok).toBe(true);
  position.paused = false;
  position.lagRecords = 0;
  expect(health.livez().ok).toBe(true);
});

test('an outage of five minutes is no reason to restart, and a minute is given to recover', async () => {
  let now = 0;
  let well = false;
  const health = new Health({ now: () => now });
  health.registerConsumer('left', () => ({ lagRecords: 5, lastProgressAt: 0, paused: false }));
  health.registerCheck('temporal', async () => {
    if (!well) throw new Error('unreachable');
  });
  for (; now <= 300_000; now += 5000) {
    await health.report();
    expect(health.livez().ok).toBe(true);
  }
  well = true;
  await health.report();
  expect(health.livez().ok).toBe(true);
  now += 61_000;
  await health.report();
  expect(health.livez().ok).toBe(false);
});

test('starts that Temporal does not take for five minutes are no reason to restart, though its check is well', async () => {
  let now = 0;
  const health = new Health({ now: () => now });
  health.registerConsumer('left', () => ({ lagRecords: 5, lastProgressAt: 0, paused: false }));
  health.registerCheck('temporal', async () => {});
  for (; now <= 300_000; now += 10_000) {
    health.disturbed();
    await health.report();
    expect(health.livez().ok).toBe(true);
  }
  now += 61_000;
  expect(health.livez().ok).toBe(false);
});

test('a broker that cannot tell the lag for five minutes is no reason to restart, though another answers', () => {
  let now = 0;
  let lagKnownAt = 0;
  const health = new Health({ now: () => now });
  health.registerConsumer('left', () => ({ lagRecords: 5, lagKnownAt, lastProgressAt: 0, paused: false }));
  for (now = 15_001; now <= 300_000; now += 5000) expect(health.livez().ok).toBe(true);
  lagKnownAt = now;
  expect(health.livez().ok).toBe(false);
});

test('what is paused is told, and alone is neither unwell nor a reason to restart', async () => {
  const pause = { paused: 'blog/posts', reason: 'operator', since: '2026-01-08T10:00:00.000Z' };
  const report = await new Health({ paused: () => [pause] }).report();
  expect(report).toMatchObject({ status: 'healthy', paused: [pause] });
});

test('a consumer that stopped for good is not live', async () => {
  const health = new Health();
  health.registerConsumer('left', () => null);
  const http = await serve(health);
  expect((await http.get('/livez')).status).toBe(503);
  expect((await http.report()).body.consumers['left']).toMatchObject({ status: 'stopped' });
});

test.each(['HEALTH_PORT', 'METRICS_PORT'] as const)(
  'a taken %s is told by its name, and nothing stays open',
  async (name) => {
    const first = await serve(new Health());
    const taken = first.healthPort;
    const wanted =
      name === 'HEALTH_PORT' ? { healthPort: taken, metricsPort: 0 } : { healthPort: 0, metricsPort: taken };
    const attempt = startHttp({
      health: new Health(),
      metrics: createMetrics(),
      host: '127.0.0.1',
      ...wanted,
    });
    const error: unknown = await attempt.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).problems).toEqual([
      `${name}: port ${taken} is taken by another process; set another`,
    ]);
  },
);
