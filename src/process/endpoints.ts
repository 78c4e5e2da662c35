import type { Logger } from 'pino';
import { ConfigError } from '../errors/config-error.ts';
import type { Health } from '../observability/health.ts';
import { listen } from '../observability/listen.ts';
import type { Metrics } from '../observability/metrics.ts';
import { pathShape } from '../pipeline/endpoints.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Cache } from '../pipeline/tools.ts';
import { bearerCheck } from './bearer.ts';
import { httpAddress, httpTls } from './config/http.ts';
import type { Settings } from './config/settings.ts';
import type { SideSettings } from './config/sides.ts';
import { closeDatabases, openDatabases } from './databases.ts';
import { endpointServer } from './endpoint-server.ts';
import type { Shutdown } from './shutdown.ts';
import { openTools } from './tools.ts';

export interface EndpointsContext {
  settings: Settings;
  /** By pipeline. */
  sides: ReadonlyMap<string, ReadonlyMap<string, SideSettings>>;
  cache: Cache | null;
  metrics: Metrics;
  health: Health;
  shutdown: Shutdown;
  log: Logger;
}

/** Where two pipelines answer one path, a line each. */
export function sharedPaths(pipelines: readonly Pick<CompiledPipeline, 'name' | 'endpoints'>[]): string[] {
  const owners = new Map<string, { name: string; path: string }>();
  const problems: string[] = [];
  for (const { name, endpoints } of pipelines)
    for (const { path } of endpoints) {
      const owner = owners.get(pathShape(path));
      if (owner)
        problems.push(
          `TANDEM_PIPELINES: ${owner.name} (${owner.path}) and ${name} (${path}) answer the same path`,
        );
      else owners.set(pathShape(path), { name, path });
    }
  return problems;
}

/**
 * Answers the endpoints of the pipelines until the shutdown, which lets requests under way have their answer; gives the port,
 * null where no pipeline has endpoints. A database that is away is not waited for: its requests are told 503. Throws
 * `ConfigError` where two pipelines answer one path, or the port cannot be had.
 */
export async function startEndpoints(
  { settings, sides, cache, metrics, health, shutdown, log }: EndpointsContext,
  pipelines: readonly CompiledPipeline[],
): Promise<number | null> {
  const answering = pipelines.filter(({ endpoints }) => endpoints.length > 0);
  if (answering.length === 0) return null;
  const problems = sharedPaths(answering);
  if (problems.length > 0) throw new ConfigError(problems);
  const served = answering.map((pipeline) => {
    // Nothing is written here: no connection takes a mark.
    const databases = openDatabases(sides.get(pipeline.name)!, { ...settings, originMarks: false });
    shutdown.afterwards(() => closeDatabases(databases));
    for (const [side, database] of databases)
      health.registerCheck(pipeline.sides.get(side)!.healthCheck, () => database.ping());
    return { pipeline, tools: openTools(pipeline, databases, cache) };
  });
  const check = bearerCheck({ token: settings.endpointsToken, issuer: null, audience: null });
  const app = endpointServer(served, { metrics, log, check, tls: httpTls(settings) });
  const port = await listen(app, 'ENDPOINTS_PORT', settings.endpointsHost, settings.endpointsPort);
  shutdown.afterwards(() => app.close());
  const address = httpAddress(settings, settings.endpointsHost, port);
  log.info({ address, component: 'endpoints' }, 'endpoints are answered');
  return port;
}
