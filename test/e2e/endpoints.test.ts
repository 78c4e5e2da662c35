import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { effect } from '../../src/pipeline/effects.ts';
import { endpoint } from '../../src/pipeline/endpoints.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { run } from '../../src/process/run.ts';
import { serve } from '../../src/process/serve.ts';
import { openBlog, testEnvironment } from '../support/blog-system.ts';
import { eventually } from '../support/eventually.ts';
import { fromNowOn } from '../support/from-now-on.ts';
import { redisDoor } from '../support/redis-caches.ts';
import { peopleOfBlog } from '../support/people-of-blog.ts';

const begun = Date.now();
const keyOf = (id: string) => `cards:${begun}:${id}`;

/** Rows of `blog` brought into a table of its own, and shown from there through the cache. */
const cards = peopleOfBlog('cards', {
  cache: true,
  effects: [
    effect({
      name: 'forget the card',
      entity: 'people',
      run: (applied, { cache }) => cache.invalidate(applied.map(({ targetKey }) => keyOf(targetKey!))),
    }),
  ],
  endpoints: [
    endpoint({
      path: '/people/:id',
      parameters: z.object({ id: z.string().regex(/^\d+$/) }),
      get: ({ id }, tools) =>
        tools.cache.through(keyOf(id), 3600, async () => {
          const rows = await tools.sql('revamp').query('SELECT handle FROM cards_people WHERE id = ?', [id]);
          return rows[0] ?? null;
        }),
    }),
  ],
});

const log = createLogger({ level: 'silent' });

async function ask(port: number, path: string) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  const body: unknown = await response.json();
  return { status: response.status, body };
}

test('an endpoint shows each change once it is applied, though its answers are kept, also from a process of its own and without Redis', async () => {
  await using redis = await redisDoor();
  await using blog = await openBlog(testEnvironment());
  await blog.admin(
    'revamp',
    'CREATE TABLE IF NOT EXISTS cards_people (id BIGINT PRIMARY KEY, handle VARCHAR(100) NOT NULL)',
  );
  await blog.admin('revamp', 'GRANT SELECT, INSERT, UPDATE, DELETE ON cards_people TO sync_service');
  await fromNowOn(blog.kafka, 'cards-legacy', 'legacy.public.legacy_users');
  const running = await run({
    environment: blog.environment,
    pipelines: [cards],
    ingest: 'all',
    worker: true,
    endpoints: true,
    log,
  });
  const serving = await serve({
    environment: testEnvironment({ REDIS_URL: redis.url }),
    pipelines: [cards],
    log,
  });
  try {
    const ports = [running.endpointsPort!, serving.port];
    const name = `card_${blog.run}`;
    await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
      name,
      `${name}@x.example`,
    ]);
    const [user] = await blog.admin('legacy', 'SELECT id FROM legacy_users WHERE username = $1', [name]);
    const path = `/people/${String(user!['id'])}`;
    const shows = (handle: string) =>
      eventually(`${handle} in both`, async () => {
        const answers = await Promise.all(ports.map((port) => ask(port, path)));
        return answers.every(({ body }) => (body as { handle?: string } | null)?.handle === handle);
      });
    const rename = (handle: string) =>
      blog.app('legacy', 'UPDATE legacy_users SET username = $1 WHERE id = $2', [handle, user!['id']]);
    await shows(name);
    await shows(name);
    await rename(`${name}_2`);
    await shows(`${name}_2`);
    expect(await ask(ports[0]!, '/people/0')).toEqual({ status: 404, body: { error: 'not found' } });
    expect(await ask(ports[1]!, '/people/x')).toEqual({ status: 400, body: { error: 'not valid: id' } });

    const health = async () => (await ask(serving.healthPort, '/health')).body;
    await eventually(
      'Redis to be well',
      async () => ((await health()) as { status: string }).status === 'healthy',
    );
    await redis.shut();
    await rename(`${name}_3`);
    await shows(`${name}_3`);
    expect(await health()).toMatchObject({ status: 'unhealthy', checks: { cache: { status: 'fail' } } });
    expect((await ask(serving.healthPort, '/readyz')).status).toBe(200);
    const metrics = await (await fetch(`http://127.0.0.1:${serving.metricsPort}/metrics`)).text();
    for (const result of ['hit', 'miss', 'away'])
      expect(metrics).toMatch(new RegExp(`^tandem_cache_reads_total\\{result="${result}"\\} [1-9]`, 'm'));
  } finally {
    await serving.stop();
    await running.stop();
  }
});
