import type { Logger } from 'pino';
import { createKafka } from '../ingest/kafka/client.ts';
import { Health } from '../observability/health.ts';
import { startHttp } from '../observability/http.ts';
import { SyncLag } from '../observability/lag.ts';
import type { LagSource } from '../observability/lag.ts';
import { createMetrics } from '../observability/create-metrics.ts';
import type { Metrics } from '../observability/metrics.ts';
import { tableLabel } from '../observability/names.ts';
import { OpenWork } from '../observability/open-work.ts';
import { Troubles } from '../observability/troubles.ts';
import { RecordsInHand } from '../observability/records-in-hand.ts';
import { scopeName } from '../temporal/pause.ts';
import { Pauses } from '../temporal/pauses.ts';
import type { OpenPause } from '../temporal/pauses.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { openCache } from './cache.ts';
import { startCodec } from './codec.ts';
import type { Environment } from './config/environment.ts';
import { kafkaConnection } from './config/kafka.ts';
import { httpTls } from './config/http.ts';
import { loadSettings } from './config/settings.ts';
import { resolveSides } from './config/sides.ts';
import { temporalServer } from './config/temporal.ts';
import { connectorNames } from './connectors.ts';
import { ConnectRest } from './connectors/connect-rest.ts';
import { ConnectorsWatch } from './connectors/watch.ts';
import { startEndpoints } from './endpoints.ts';
import { createIngesters } from './ingesters.ts';
import { requireOwnQueues } from './require-own-queues.ts';
import { Shutdown } from './shutdown.ts';
import { connectTemporal } from './temporal.ts';
import { temporalMetrics } from './temporal-runtime.ts';
import { openTracing } from './tracing.ts';
import { observeTroubles, watchdog } from './watchdog.ts';
import { watchOpenWork } from './watch-open-work.ts';
import { workerVersion } from './worker-version.ts';
import { startWorkers } from './workers.ts';

export interface RunOptions {
  environment: Environment;
  pipelines: readonly CompiledPipeline[];
  /** Sides to ingest: all, or one by name; null for none. */
  ingest: 'all' | { side: string } | null;
  worker: boolean;
  /** Whether to answer the endpoints of pipelines that have any; default no. */
  endpoints?: boolean | undefined;
  /** Whether to serve the codec too where payloads are encrypted; default no. */
  codec?: boolean | undefined;
  log: Logger;
  /** Ends the wait for servers that are away. */
  signal?: AbortSignal;
}

export interface Running {
  health: Health;
  metrics: Metrics;
  healthPort: number;
  metricsPort: number;
  /** Null where none are answered. */
  endpointsPort: number | null;
  /** Null where the codec is not served. */
  codecPort: number | null;
  lag: SyncLag;
  inHand: RecordsInHand;
  openWork: readonly OpenWork[];
  openPauses: () => readonly OpenPause[];
  /** Rejects when a part cannot go on by itself; the process must then exit non-zero. */
  failed: Promise<never>;
  /** Drains: no new starts, what is under way finishes, offsets are committed, then everything closes. */
  stop(): Promise<void>;
}

/** Runs ingest, worker or both of the pipelines in this process until `stop`. Waits without limit for servers that are away. */
export async function run(options: RunOptions): Promise<Running> {
  const { environment, pipelines, ingest, worker, endpoints = false, codec = false, log, signal } = options;
  const settings = loadSettings(environment);
  const sides = new Map(pipelines.map((p) => [p.name, resolveSides(p, environment)]));
  requireOwnQueues(pipelines, sides);
  const shutdown = new Shutdown();
  try {
    const metrics = createMetrics();
    const inHand = new RecordsInHand();
    const tables = pipelines.flatMap((p) => p.routes.map(({ source }) => tableLabel(source)));
    const lagSources: LagSource[] = [inHand];
    const lag = new SyncLag(tables, lagSources);
    metrics.declareTables(tables);
    metrics.lagFrom(() => lag.seconds());
    const troubles = new Troubles(observeTroubles(metrics, log));
    const pauses = new Map<string, Pauses>();
    const openPauses = () => [...pauses.values()].flatMap(({ open }) => open);
    const paused = () =>
      openPauses().map(({ pipeline, scope, reason, since }) => ({
        paused: scopeName(pipeline, scope),
        reason,
        since,
      }));
    metrics.pausesFrom(() => paused().map(({ paused: scope, reason }) => ({ scope, reason })));
    const health = new Health({ lag, troubles, paused, maxLagSeconds: settings.healthMaxLagSeconds });
    const http = await startHttp({ health, metrics, ...settings, tls: httpTls(settings) });
    shutdown.afterwards(() => http.close());

    const cache = openCache(
      { settings, metrics, health, shutdown, log },
      worker || endpoints ? pipelines : [],
    );
    const answered = { settings, sides, cache, metrics, health, shutdown, log };
    const endpointsPort = endpoints ? await startEndpoints(answered, pipelines) : null;
    const codecPort = codec ? await startCodec({ settings, metrics, shutdown, log }) : null;

    const kafka = createKafka({ ...kafkaConnection(settings), clientId: 'tandem' }, log);
    const admin = kafka.admin();
    shutdown.afterwards(() => admin.disconnect());
    health.registerCheck('kafka', async () => {
      await admin.connect();
      await admin.describeCluster();
    });
    const tracing = await openTracing(settings, log);
    shutdown.afterwards(() => tracing.close());
    const temporal = await connectTemporal(temporalServer(settings), log, signal, tracing);
    metrics.textFrom(temporalMetrics);
    shutdown.afterwards(() => temporal.connection.close());
    health.registerCheck('temporal', async () => {
      await temporal.client.workflowService.getSystemInfo({});
    });
    const openWork = pipelines.map((p) => new OpenWork(temporal.client, p));
    lagSources.push(...openWork);

    for (const { name } of pipelines) pauses.set(name, new Pauses(temporal.client, name));

    const connectors = new ConnectorsWatch({
      rest: new ConnectRest(settings.connectUrl, {
        patienceMs: 1000,
        answerMs: 5000,
        signal: shutdown.signal,
      }),
      connectors: pipelines.flatMap((each) => connectorNames(each, sides.get(each.name)!)),
    });
    const parts = {
      settings,
      kafka,
      admin,
      connectors,
      ...temporal,
      pauses,
      cache,
      metrics,
      tracing,
      health,
      shutdown,
      log,
    };
    // A start that is eager goes to this process's worker, of whatever version: seen with Temporal 1.32.
    const eager = worker && workerVersion(settings) === undefined;
    const failures = worker ? await startWorkers(parts, pipelines, sides) : [];
    const ingesters =
      ingest === null ? [] : createIngesters({ ...parts, inHand, troubles, eager }, pipelines, sides, ingest);
    const watched = Promise.all([
      health.watch(shutdown.signal),
      watchOpenWork(openWork, metrics, shutdown.signal),
      connectors.watch(shutdown.signal),
      watchdog({ ...parts, ingesters, sides, connectUrl: settings.connectUrl, troubles }, shutdown.signal),
      ...[...pauses.values()].map((each) => each.watch(shutdown.signal)),
    ]);
    shutdown.afterwards(() => watched);
    shutdown.afterwards(() => Promise.all(ingesters.map((ingester) => ingester.stop())));
    // What is paused is known before the first record is read.
    await Promise.all([...pauses.values()].map((each) => each.refresh()));
    await Promise.all(ingesters.map((ingester) => ingester.start()));
    health.ready(true);

    const failed = Promise.race([...failures, ...ingesters.map((ingester) => ingester.failed)]);
    failed.catch(() => {});
    return {
      health,
      metrics,
      healthPort: http.healthPort,
      metricsPort: http.metricsPort,
      endpointsPort,
      codecPort,
      lag,
      inHand,
      openWork,
      openPauses,
      failed,
      stop() {
        health.ready(false);
        return shutdown.run();
      },
    };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}
