import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { text } from '../../../src/pipeline/columns.ts';
import { compilePipeline } from '../../../src/pipeline/compile.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../../src/pipeline/define.ts';
import { endpoint } from '../../../src/pipeline/endpoints.ts';
import type { EndpointDefinition } from '../../../src/pipeline/endpoints.ts';
import { Environment } from '../../../src/process/config/environment.ts';
import { sharedPaths } from '../../../src/process/endpoints.ts';
import { serve } from '../../../src/process/serve.ts';
import { createLogger } from '../../../src/observability/logger.ts';
import { freePort } from '../../support/free-port.ts';

const at = (path: string, ...names: string[]): EndpointDefinition =>
  endpoint({
    path,
    parameters: z.object(Object.fromEntries(names.map((name) => [name, z.string()]))),
    get: async (parameters) => parameters,
  });

const zoo = (name: string, ...endpoints: EndpointDefinition[]) =>
  compilePipeline(
    definePipeline({
      name,
      sides: {
        old: postgres({ url: 'postgres://x@127.0.0.1:1/x' }),
        fresh: mysql({ url: 'mysql://x@127.0.0.1:1/x' }),
      },
      entities: {
        people: entity({
          direction: 'one_way',
          key: 'same',
          tables: {
            old: table('people', { id: text(), name: text() }),
            fresh: table('people', { id: text(), name: text() }),
          },
          columns: { name: 'name' },
        }),
      },
      endpoints,
    }),
  );

const environment = (own: Record<string, string> = {}) =>
  new Environment({ METRICS_PORT: '0', HEALTH_PORT: '0', ENDPOINTS_PORT: '0', ...own });
const log = createLogger({ level: 'silent' });

test.each([
  [[at('/a/:id')], 'endpoint /a/:id: parameter id is not declared'],
  [[at('/a/:id/:id', 'id')], 'endpoint /a/:id/:id: parameter id is named twice'],
  [[at('/a', 'id')], 'endpoint /a: parameter id is declared and not in the path'],
  [[at('/a/*')], 'endpoint /a/*: must be a path such as /users/:id'],
  [[at('a')], 'endpoint a: must be a path such as /users/:id'],
  [[at('/a/:id', 'id'), at('/a/:name', 'name')], 'endpoint /a/:name: is there twice'],
])('what is wrong with endpoints is told as the pipeline is loaded: %#', (endpoints, problem) => {
  expect(() => zoo('zoo', ...endpoints)).toThrow(problem);
});

test('two pipelines may not answer one path, whatever its parameters are called', () => {
  const pipelines = [zoo('one', at('/a'), at('/b/:id', 'id')), zoo('two', at('/b/:name', 'name'), at('/c'))];
  expect(sharedPaths(pipelines)).toEqual([
    'TANDEM_PIPELINES: one (/b/:id) and two (/b/:name) answer the same path',
  ]);
  expect(sharedPaths([zoo('one', at('/b/:id', 'id')), zoo('two', at('/b/new'))])).toEqual([]);
});

test('endpoints are answered while the databases are away, and /health says that they are', async () => {
  const pipelines = [zoo('one', at('/a/:id', 'id')), zoo('two')];
  const serving = await serve({ environment: environment(), pipelines, log });
  try {
    const answer = await fetch(`http://127.0.0.1:${serving.port}/a/7`);
    expect([answer.status, await answer.json()]).toEqual([200, { id: '7' }]);
    const metrics = await (await fetch(`http://127.0.0.1:${serving.metricsPort}/metrics`)).text();
    expect(metrics).toContain('tandem_endpoint_seconds_count{path="/a/:id",status="200"} 1');
    const health = await fetch(`http://127.0.0.1:${serving.healthPort}/health`);
    expect([health.status, await health.json()]).toMatchObject([
      503,
      { checks: { database_old: { status: 'fail' }, database_fresh: { status: 'fail' } } },
    ]);
  } finally {
    await serving.stop();
  }
  await expect(fetch(`http://127.0.0.1:${serving.port}/a/7`)).rejects.toThrow();
});

test('a port that is taken is named by its variable, and nothing goes on running', async () => {
  const pipelines = [zoo('one', at('/a'))];
  const first = await serve({ environment: environment(), pipelines, log });
  try {
    const healthPort = await freePort();
    const second = serve({
      environment: environment({ ENDPOINTS_PORT: String(first.port), HEALTH_PORT: String(healthPort) }),
      pipelines,
      log,
    });
    await expect(second).rejects.toThrow(`ENDPOINTS_PORT: port ${first.port} is taken`);
    await expect(fetch(`http://127.0.0.1:${healthPort}/livez`)).rejects.toThrow();
  } finally {
    await first.stop();
  }
});

test('there must be something to answer', async () => {
  const pipelines = [zoo('one'), zoo('two')];
  await expect(serve({ environment: environment(), pipelines, log })).rejects.toThrow(
    'TANDEM_PIPELINES: one, two: no pipeline of these has endpoints',
  );
});
