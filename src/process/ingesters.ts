import type { Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import type { Client } from '@temporalio/client';
import { countRunning } from '../ingest/count-running.ts';
import { Ingester } from '../ingest/ingester.ts';
import { pausedTopics } from '../ingest/paused-topics.ts';
import { Starter } from '../ingest/starter.ts';
import { tableLabel } from '../observability/names.ts';
import type { Health } from '../observability/health.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { RecordsInHand } from '../observability/records-in-hand.ts';
import type { Tracing } from '../observability/tracing.ts';
import type { Troubles } from '../observability/troubles.ts';
import type { Pauses } from '../temporal/pauses.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { retryLimits } from './config/settings.ts';
import type { Settings } from './config/settings.ts';
import type { SideSettings } from './config/sides.ts';
import { createFeed } from './feeds.ts';
import { observeIngest } from './observe-ingest.ts';
import { childTopics, databaseName } from './side-topics.ts';

export interface IngestContext {
  settings: Settings;
  kafka: Kafka;
  client: Client;
  /** A worker of the same queue shares this process. */
  eager: boolean;
  metrics: Metrics;
  tracing: Tracing;
  health: Health;
  inHand: RecordsInHand;
  troubles: Troubles;
  /** By pipeline. */
  pauses: ReadonlyMap<string, Pauses>;
  log: Logger;
}

/** The ingesters of every side that changes are captured on, or of one; not yet started. */
export function createIngesters(
  context: IngestContext,
  pipelines: readonly CompiledPipeline[],
  sides: ReadonlyMap<string, ReadonlyMap<string, SideSettings>>,
  which: 'all' | { side: string },
): Ingester[] {
  return pipelines.flatMap((pipeline) =>
    [...sides.get(pipeline.name)!.values()]
      .filter(({ name }) => pipeline.sides.get(name)!.tables.length > 0)
      .filter(({ name }) => which === 'all' || which.side === name)
      .map((side) => {
        const ingester = createIngester(context, pipeline, side);
        context.health.registerConsumer(side.name, () => ingester.position());
        return ingester;
      }),
  );
}

function createIngester(
  { settings, kafka, client, eager, metrics, tracing, health, inHand, pauses, troubles, log }: IngestContext,
  pipeline: CompiledPipeline,
  side: SideSettings,
): Ingester {
  const place = { pipeline: pipeline.name, side: side.name };
  const observer = observeIngest({ metrics, tracing, inHand, troubles }, place, log);
  const compiled = pipeline.sides.get(side.name)!;
  const { feed, topics, expiry, rewound } = createFeed(
    { settings, kafka, health, log },
    compiled,
    side,
    observer,
  );
  inHand.watch({ tables: compiled.tables.map(tableLabel), position: () => feed.position() });
  return new Ingester({
    pipeline,
    side: side.name,
    feed,
    starter: new Starter({
      client,
      eager,
      onDelayed: (workflowId, attempt, code) => {
        health.disturbed();
        observer.startDelayed(workflowId, attempt, code);
      },
    }),
    limits: retryLimits(settings),
    startConcurrency: settings.startConcurrency,
    lane: { lane: settings.lane, behind: settings.batchBehind, open: settings.batchOpen },
    maxInFlight: settings.maxInFlight,
    maxWaiting: settings.maxWaiting,
    childTopics: childTopics(pipeline, side),
    countRunning: () => countRunning(client, pipeline.name),
    expiry,
    rewound,
    pausedTopics: () =>
      pausedTopics(
        { pipeline, side: side.name, topics, database: databaseName(side) },
        pauses.get(pipeline.name)!.open.map(({ scope }) => scope),
      ),
    observer,
  });
}
