import type { Connection } from '@temporalio/client';
import type { Admin } from 'kafkajs';
import { z } from 'zod';
import type { LedgerDatabase } from '../database/engine-database.ts';
import { inspection, openInspection } from '../database/inspector.ts';
import { inspectedTables } from '../database/inspected-table.ts';
import type { InspectedTable } from '../database/inspected-table.ts';
import type { Inspection } from '../database/inspector.ts';
import { openDatabase } from '../database/open.ts';
import type { PlainConnection } from '../database/plain-connection.ts';
import type { EventBus } from '../effects/event-bus.ts';
import { createSqs } from '../ingest/sqs/client.ts';
import { SqsQueue } from '../ingest/sqs/queue.ts';
import { RedisCache } from '../effects/redis-cache.ts';
import type { CompiledPipeline, CompiledSide } from '../pipeline/route.ts';
import { askKafka } from '../process/ask-kafka.ts';
import { redisServer } from '../process/config/redis.ts';
import type { Settings } from '../process/config/settings.ts';
import type { SideSettings } from '../process/config/sides.ts';
import { sqsConnection } from '../process/config/sqs.ts';
import { temporalServer } from '../process/config/temporal.ts';
import { ownBuses, publishes } from '../process/event-bus.ts';
import { reachTemporal } from '../process/reach-temporal.ts';
import { ConnectRest } from '../process/connectors/connect-rest.ts';

const connectTimeoutMs = 5000;

/** One side of a pipeline as the checks see it. Connections are made when first asked for, and once. */
export interface InspectedSide {
  pipeline: CompiledPipeline;
  side: CompiledSide;
  settings: SideSettings;
  tables: readonly InspectedTable[];
  inspect: Inspection;
  /** As the role Tandem works as. */
  own: () => Promise<PlainConnection>;
  /** As the administrator where a URL was given, else as Tandem's role. */
  admin: () => Promise<PlainConnection>;
  database: LedgerDatabase;
}

/** What the checks may look at. Each method rejects where the server does not answer. */
export interface DoctorContext {
  settings: Settings;
  pipelines: readonly CompiledPipeline[];
  sides: readonly InspectedSide[];
  kafka: () => Promise<Admin>;
  connect: () => Promise<ConnectRest>;
  /** What Kafka Connect says of itself and of its plugins. */
  connectVersions: () => Promise<ConnectVersions>;
  temporal: () => Promise<Connection>;
  /** The queue a side's changes come in; null where they come otherwise. */
  queue: (side: InspectedSide) => SqsQueue | null;
  /** What the pipelines publish to, by name; those that are servers of their own. */
  buses: ReadonlyMap<string, EventBus>;
  /** Aborted where nobody waits any more: what was put up is taken down. */
  signal: AbortSignal;
  /** Null where no pipeline uses it. */
  cache: { ping(): Promise<void> } | null;
  close: () => Promise<void>;
}

const worker = z.object({ version: z.string() });
const plugins = z.array(z.object({ class: z.string(), version: z.string().default('0') }));

export interface ConnectVersions {
  worker: string;
  plugins: z.infer<typeof plugins>;
}

async function readVersions(url: string): Promise<ConnectVersions> {
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(url + path, { signal: AbortSignal.timeout(connectTimeoutMs) });
    if (!response.ok) throw new Error(`Kafka Connect answers ${response.status} to ${path}`);
    return response.json();
  };
  return {
    worker: worker.parse(await get('/')).version,
    plugins: plugins.parse(await get('/connector-plugins')),
  };
}

/** A connector's registered configuration; null where it is not registered or Kafka Connect does not answer. */
export async function connectorConfig(
  { connect }: Pick<DoctorContext, 'connect'>,
  connector: string,
): Promise<Record<string, string> | null> {
  try {
    return await (await connect()).config(connector);
  } catch {
    return null;
  }
}

/** The role a side's connector logs in as; null where that is not known, or Kafka Connect reads it from somewhere else. */
export async function readerOf(context: DoctorContext, connector: string): Promise<string | null> {
  const user = (await connectorConfig(context, connector))?.['database.user'] ?? null;
  return user?.startsWith('${') ? null : user;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** Opens nothing by itself; `close` ends what the checks opened. */
export function openContext(
  settings: Settings,
  pipelines: readonly { pipeline: CompiledPipeline; sides: ReadonlyMap<string, SideSettings> }[],
  signal: AbortSignal = new AbortController().signal,
): DoctorContext {
  const { originMarks } = settings;
  const closing: (() => Promise<unknown>)[] = [];
  const closed = <T extends { close(): Promise<unknown> }>(opened: T): T => {
    closing.push(() => opened.close());
    return opened;
  };
  const sides = pipelines.flatMap(({ pipeline, sides: resolved }) =>
    [...pipeline.sides.values()].flatMap((side): InspectedSide[] => {
      const own = resolved.get(side.name);
      if (own === undefined) return [];
      const { databaseUrl, adminUrl, engine } = own;
      const open = (url: string) => once(async () => closed(await openInspection(engine, url)));
      const asOwn = open(databaseUrl);
      return [
        {
          pipeline,
          side,
          settings: own,
          tables: inspectedTables(pipeline, side),
          inspect: inspection(engine),
          own: asOwn,
          admin: adminUrl === null ? asOwn : open(adminUrl),
          database: closed(
            openDatabase({
              engine,
              side: side.name,
              url: databaseUrl,
              poolSize: 1,
              originMarks: originMarks && side.isTarget,
            }),
          ),
        },
      ];
    }),
  );
  const connectVersions = once(() => readVersions(settings.connectUrl));
  const isTold = pipelines.some(({ pipeline }) => publishes(pipeline));
  const buses = isTold ? ownBuses(settings, () => {}) : new Map<string, EventBus>();
  for (const bus of buses.values()) closed(bus);
  const cache = pipelines.some(({ pipeline }) => pipeline.cache)
    ? closed(new RedisCache({ server: redisServer(settings), onTrouble: () => {}, onRead: () => {} }))
    : null;
  return {
    settings,
    signal,
    pipelines: pipelines.map(({ pipeline }) => pipeline),
    sides,
    kafka: once(async () => {
      const admin = askKafka(settings, 'tandem-doctor', connectTimeoutMs).admin();
      await admin.connect();
      closing.push(() => admin.disconnect());
      return admin;
    }),
    connect: once(async () => {
      await connectVersions();
      return new ConnectRest(settings.connectUrl, { patienceMs: connectTimeoutMs });
    }),
    connectVersions,
    buses,
    queue({ side, settings: { queueUrl } }) {
      if (queueUrl === null || side.tables.length === 0) return null;
      const queue = new SqsQueue(createSqs(sqsConnection(settings)), queueUrl);
      closing.push(() => Promise.resolve(queue.close()));
      return queue;
    },
    cache,
    temporal: once(async () => closed(await reachTemporal(temporalServer(settings), connectTimeoutMs))),
    async close() {
      await Promise.allSettled(closing.map((close) => close()));
    },
  };
}
