import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import type { Admin, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { countRunning } from '../ingest/count-running.ts';
import { createSqs } from '../ingest/sqs/client.ts';
import { SqsQueue } from '../ingest/sqs/queue.ts';
import { Fuse } from '../errors/fuse.ts';
import type { Pauses } from '../temporal/pauses.ts';
import type { Health } from '../observability/health.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Tracing } from '../observability/tracing.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Cache } from '../pipeline/tools.ts';
import { anyOpen } from './any-open.ts';
import { alertsOf } from './alerts/alerts.ts';
import { retryLimits } from './config/settings.ts';
import type { Settings } from './config/settings.ts';
import { covers } from '../temporal/pauses.ts';
import type { SideSettings } from './config/sides.ts';
import { sqsConnection } from './config/sqs.ts';
import type { ConnectorsWatch } from './connectors/watch.ts';
import { closeDatabases, currentLedgers, openDatabases, targetsOf } from './databases.ts';
import { KafkaDeadLetterTopic } from './dead-letter-topic.ts';
import { openEventBus, withoutPublications } from './event-bus.ts';
import { scheduleHousekeeping } from './housekeeping.ts';
import { scheduleJobs } from './job-schedules.ts';
import { observeSync } from './observe-sync.ts';
import { startPolls } from './polling.ts';
import { requireMarks } from './require-marks.ts';
import { recordSource } from './record-source.ts';
import type { Shutdown } from './shutdown.ts';
import { upstreamOf } from './upstream.ts';
import { streamSources } from './streams/sources.ts';
import { StreamsWatch } from './streams/streams.ts';
import { openTools } from './tools.ts';
import { Waker } from './waker.ts';
import { warnUnlessCurrent, workerVersion } from './worker-version.ts';
import { scheduleVerify } from './verify-schedule.ts';
import { createWorker } from './worker.ts';

export interface WorkerContext {
  /** By pipeline. */
  pauses: ReadonlyMap<string, Pauses>;
  settings: Settings;
  kafka: Kafka;
  /** Connected, or connecting. */
  admin: Admin;
  connectors: Pick<ConnectorsWatch, 'of'>;
  client: Client;
  connection: NativeConnection;
  converter: DataConverter;
  /** Null where no pipeline uses it. */
  cache: Cache | null;
  metrics: Metrics;
  tracing: Tracing;
  health: Health;
  shutdown: Shutdown;
  log: Logger;
}

/** Starts a worker for each pipeline; the promises it returns reject when a worker cannot go on. */
export async function startWorkers(
  context: WorkerContext,
  pipelines: readonly CompiledPipeline[],
  sides: ReadonlyMap<string, ReadonlyMap<string, SideSettings>>,
): Promise<Promise<never>[]> {
  const running: Promise<void>[] = [];
  for (const pipeline of pipelines)
    running.push((await startWorker(context, pipeline, sides.get(pipeline.name)!)).running);
  return running.map((end) => end.then(() => new Promise<never>(() => {})));
}

function openQueue(settings: Settings, shutdown: Shutdown, url: string): SqsQueue {
  const queue = new SqsQueue(createSqs(sqsConnection(settings)), url);
  shutdown.afterwards(() => queue.close());
  return queue;
}

async function startWorker(
  {
    pauses,
    settings,
    kafka,
    admin,
    connectors,
    client,
    connection,
    converter,
    cache,
    metrics,
    tracing,
    health,
    shutdown,
    log,
  }: WorkerContext,
  pipeline: CompiledPipeline,
  sides: ReadonlyMap<string, SideSettings>,
): Promise<{ running: Promise<void> }> {
  const databases = openDatabases(sides, settings, tracing);
  shutdown.afterwards(() => closeDatabases(databases));
  const targets = targetsOf(databases, sides);
  await currentLedgers(targets, log, shutdown.signal);
  await requireMarks(pipeline, databases);
  for (const [side, database] of databases)
    health.registerCheck(pipeline.sides.get(side)!.healthCheck, () => database.ping());
  const bus = await openEventBus(pipeline, settings, kafka, log, shutdown.signal);
  shutdown.afterwards(() => bus?.close());
  if (bus) health.registerCheck('event_bus', () => bus.ping());
  const deadLetterTopic = new KafkaDeadLetterTopic(kafka, settings.deadLetterTopic);
  shutdown.afterwards(() => deadLetterTopic.close());
  const streams = new StreamsWatch({
    pipeline,
    sources: streamSources(pipeline, sides, (url) => openQueue(settings, shutdown, url)),
    connectors,
    admin,
    client,
    paused: (entity, side) =>
      pauses.get(pipeline.name)!.open.some(({ scope }) => covers(scope, entity, side)),
  });
  const waker = new Waker({
    client,
    pipeline: pipeline.name,
    databases: [...targets.values()],
    streams,
    awaited: pipeline.routes.map(({ entity, source }) => ({ entity, side: source.side })),
    deadlineMs: retryLimits(settings).waitingDeadlineMs,
  });
  // Before there is a worker: one that is made and never runs would keep the process.
  await startPolls(client, pipeline, log, shutdown.signal);
  const scheduling = { client, pipeline: pipeline.name, log, signal: shutdown.signal };
  await scheduleHousekeeping(scheduling, settings.ledgerRetentionDays);
  await scheduleJobs(scheduling, pipeline.jobs);
  const version = workerVersion(settings);
  if (version) await warnUnlessCurrent(client, settings.temporalNamespace, version, log);
  await scheduleVerify(scheduling, pipeline, settings.verifyHours);
  const worker = await createWorker({
    version,
    connection,
    converter,
    client,
    pipeline: bus === null ? withoutPublications(pipeline) : pipeline,
    databases,
    deadLetterTopic,
    bus,
    tools: openTools(pipeline, databases, cache),
    namespace: settings.temporalNamespace,
    slots: settings.workerSlots,
    ledgers: new Map([...targets].map(([side, { retention }]) => [side, retention])),
    upstream: upstreamOf(kafka, settings.connectUrl, pipeline, sides),
    streams,
    countOpen: () => countRunning(client, pipeline.name),
    anyOpen: (entity, before) => anyOpen(client, { pipeline: pipeline.name, entity, before }),
    records: recordSource(kafka, pipeline),
    alerts: alertsOf(settings, client),
    pauses: pauses.get(pipeline.name)!,
    fuse: new Fuse({ errors: settings.fuseErrors, windowMs: settings.fuseWindowSeconds * 1000 }),
    trialMaxMs: settings.fuseTrialSeconds * 1000,
    observer: observeSync(pipeline, { metrics, tracing }, log),
    tracing,
    maxClockSkewSeconds: settings.maxClockSkewSeconds,
    limits: retryLimits(settings),
    polling: {
      intervalMs: settings.pollInterval * 1000,
      rows: settings.pollRows,
      overlapMs: settings.pollOverlapSeconds * 1000,
      compareMs: settings.pollCompareSeconds * 1000,
    },
  });
  const watched = Promise.all([streams.watch(shutdown.signal), waker.watch(shutdown.signal)]);
  shutdown.afterwards(() => watched);
  const running = worker.run();
  running.catch(() => {});
  shutdown.afterwards(() => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    return running;
  });
  return { running };
}
