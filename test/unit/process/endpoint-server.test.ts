import { request } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { createLogger } from '../../../src/observability/logger.ts';
import { createMetrics } from '../../../src/observability/create-metrics.ts';
import { endpoint } from '../../../src/pipeline/endpoints.ts';
import type { EndpointDefinition } from '../../../src/pipeline/endpoints.ts';
import { endpointServer } from '../../../src/process/endpoint-server.ts';
import { gate } from '../../support/gate.ts';
import { noTools } from '../../support/no-tools.ts';

const secret = 'anna@example.org';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function serve(...endpoints: EndpointDefinition[]) {
  const lines: string[] = [];
  const log = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  const metrics = createMetrics({ processMetrics: false });
  const served = [{ pipeline: { name: 'zoo', endpoints }, tools: noTools }];
  const app = endpointServer(served, { metrics, log, limits: { answerMs: 300 } });
  closing.push(() => app.close());
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(address + path, { method });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  return { app, address, get, lines, metrics };
}

const animal = endpoint({
  path: '/animals/:id',
  parameters: z.object({ id: z.string().regex(/^\d+$/).transform(Number) }),
  get: async ({ id }) => (id === 7 ? { id, name: 'Ada' } : null),
});
const failing = (error: unknown) =>
  endpoint({
    path: '/fails',
    parameters: z.object({}),
    async get() {
      throw error;
    },
  });

test('an answer is JSON of what the endpoint makes of its parsed parameters', async () => {
  const { get, metrics } = await serve(animal);
  const found = await get('/animals/7?verbose=1');
  expect([found.status, found.text]).toEqual([200, '{"id":7,"name":"Ada"}']);
  expect(found.headers.get('content-type')).toBe('application/json; charset=utf-8');
  const text = await serve(endpoint({ path: '/name', parameters: z.object({}), get: async () => 'Ada' }));
  expect((await text.get('/name')).text).toBe('"Ada"');
  expect(await metrics.expose()).toContain(
    'tandem_endpoint_seconds_count{path="/animals/:id",status="200"} 1',
  );
});

test('a parameter that is not valid is named and its value is not', async () => {
  const { get, metrics } = await serve(animal);
  const { status, text } = await get(`/animals/${secret}`);
  expect([status, text]).toEqual([400, '{"error":"not valid: id"}']);
  expect(await metrics.expose()).toContain('{path="/animals/:id",status="400"} 1');
});

test.each([
  ['/animals/8', 'GET', 404, 'not found'],
  [`/${secret}`, 'GET', 404, 'not found'],
  ['/animals/7', 'POST', 404, 'not found'],
  [`/animals/%zz${secret}`, 'GET', 400, 'the path is not valid'],
])('%s is not there, asked by %s', async (path, method, status, error) => {
  const { get, lines } = await serve(animal);
  const answer = await get(path, method);
  expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { error }]);
  expect(lines).toEqual([]);
});

test('what a later request may get is told as 503, with when to ask again', async () => {
  const { get, lines } = await serve(failing(new SyncError('unavailable', 'the database is away')));
  const { status, text, headers } = await get('/fails');
  expect([status, text, headers.get('retry-after')]).toEqual([
    503,
    '{"error":"cannot be answered now"}',
    '5',
  ]);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: 'warn',
    pipeline: 'zoo',
    endpoint: '/fails',
    error: 'the database is away',
    error_class: 'unavailable',
  });
});

test.each([
  ['any other failure', new Error(`no such row: ${secret}`)],
  ['a defect', new SyncError('bug', 'nobody foresaw it')],
  ['a failure that is no error', secret],
])('%s is told as 500 and nothing more, and logged without row values', async (_, error) => {
  const { get, lines } = await serve(failing(error));
  const { status, text, headers } = await get('/fails');
  expect([status, text, headers.get('retry-after')]).toEqual([500, '{"error":"cannot be answered"}', null]);
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'error', pipeline: 'zoo', endpoint: '/fails' });
  expect(lines.join('')).not.toContain(secret);
});

test('what JSON cannot hold is a failure, not half an answer', async () => {
  const { get } = await serve(
    endpoint({ path: '/big', parameters: z.object({}), get: async () => ({ n: 1n }) }),
  );
  expect((await get('/big')).status).toBe(500);
});

test('an answer that does not come is given up, and what comes of it later harms nobody', async () => {
  const [held, ended] = [gate(), gate()];
  const slow = endpoint({
    path: '/slow',
    parameters: z.object({}),
    async get() {
      await held.opened;
      ended.open();
      throw new Error(secret);
    },
  });
  const { get, lines } = await serve(slow, animal);
  const { status, headers } = await get('/slow');
  expect([status, headers.get('retry-after')]).toEqual([503, '5']);
  held.open();
  await ended.opened;
  expect((await get('/animals/7')).status).toBe(200);
  expect(lines).toHaveLength(1);
});

test('closing waits for the answer to a request under way, and takes no other', async () => {
  const [held, begun] = [gate(), gate()];
  const { app, address } = await serve(
    endpoint({
      path: '/held',
      parameters: z.object({}),
      async get() {
        begun.open();
        await held.opened;
        return { held: true };
      },
    }),
  );
  const answer = new Promise<number | undefined>((resolve, reject) => {
    request(`${address}/held`, ({ statusCode }) => resolve(statusCode))
      .on('error', reject)
      .end();
  });
  await begun.opened;
  const closed = app.close();
  await expect(fetch(`${address}/held`)).rejects.toThrow();
  held.open();
  expect(await answer).toBe(200);
  const from = performance.now();
  await closed;
  expect(performance.now() - from).toBeLessThan(10_000);
});
