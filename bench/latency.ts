import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { Consumer } from 'kafkajs';
import { connectPlain } from '../src/database/plain-connection.ts';
import { feedRecord } from '../src/ingest/kafka/feed-record.ts';
import { intake } from '../src/ingest/intake.ts';
import type { CompiledPipeline } from '../src/pipeline/route.ts';
import { loadPipeline } from '../src/process/pipelines.ts';
import type { System } from '../test/chaos/system.ts';
import { eventually } from '../test/support/eventually.ts';
import { nextLine, startChild, stopChild } from './child.ts';
import { percentiles } from './rate.ts';
import type { Percentiles } from './rate.ts';

export interface LatencyRun {
  /** Single-row transactions a second, at even distances whatever becomes of them. */
  perSecond: number;
  count: number;
}

/** From the source's commit until the row can be read on the target, and where that time went; milliseconds. */
export interface Latency extends Percentiles {
  steps: {
    /** Commit until Debezium has made a change of it. */
    capture: Percentiles;
    /** Until Temporal has the workflow: Kafka, and the ingester. */
    start: Percentiles;
    /** Until the transaction on the target is about to commit. */
    apply: Percentiles;
    /** Until the row can be read. */
    commit: Percentiles;
  };
}

/** Moments of one event, milliseconds since the epoch. */
interface Moments {
  committed: number;
  captured: number;
  started: number;
  processed: number;
  seen: number;
}

/** Between two looks at the target, milliseconds: the error of what is told of the last step. */
const lookMs = 2;
const patienceMs = 120_000;

/** Latency of new rows of the legacy side in the event lane of one process, ingest and worker. */
export async function measureLatency(
  system: System,
  environment: NodeJS.ProcessEnv,
  { perSecond, count }: LatencyRun,
): Promise<Latency> {
  const pipeline = await loadPipeline('blog');
  const legacy = await connectPlain('postgres', system.adminUrls.legacy);
  const target = await connectPlain('mysql', system.adminUrls.revamp);
  const records = await readChanges(environment, pipeline);
  const tandem = startChild('./tandem.ts', ['blog'], { ...environment, SYNC_LANE: 'event' });
  const since = new Date();
  const ledger = new Map<string, Pick<Moments, 'processed' | 'seen'>>();
  const look = async () => {
    const rows = await target.query(
      `SELECT event_id, UNIX_TIMESTAMP(processed_at) * 1000 AS processed FROM tandem.processed_events
        WHERE processed_at > UTC_TIMESTAMP(6) - INTERVAL 2 SECOND`,
    );
    const seen = Date.now();
    for (const { event_id: id, processed } of rows)
      if (!ledger.has(String(id))) ledger.set(String(id), { processed: Number(processed), seen });
  };
  try {
    await nextLine(tandem);
    await eventually('nothing to be left over', async () => (await system.lag()) === 0, patienceMs);
    await look();
    const before = ledger.size;
    const written = write();
    while (ledger.size - before < count) {
      if (Date.now() - since.getTime() > patienceMs + (count / perSecond) * 1000)
        throw new Error(`only ${ledger.size - before} of ${count} rows arrived`);
      await look();
      await delay(lookMs);
    }
    await written;
    await eventually('the records to be read', () => records.events.size >= count, patienceMs);
    const started = await eventually('Temporal to list the workflows', async () => {
      const times = await startTimes(system, since);
      return [...records.events.keys()].every((id) => times.has(id)) && times;
    });
    return latencyOf(
      [...records.events].map(([id, of]) => ({ ...of, ...ledger.get(id)!, started: started.get(id)! })),
    );
  } finally {
    await stopChild(tandem);
    await records.close();
    await Promise.all([legacy.close(), target.close()]);
  }

  async function write(): Promise<void> {
    const began = performance.now();
    for (let n = 0; n < count; n++) {
      await delay(Math.max(0, began + (n * 1000) / perSecond - performance.now()));
      await legacy.query(
        `INSERT INTO legacy_posts (user_id, post_title) SELECT min(id), 'late ${n}' FROM legacy_users`,
      );
    }
  }
}

/** The changes that come from now on, by event id. */
async function readChanges(environment: NodeJS.ProcessEnv, pipeline: CompiledPipeline) {
  const kafka = new Kafka({
    brokers: (environment['KAFKA_BROKERS'] ?? '').split(','),
    clientId: 'tandem-bench',
    logLevel: logLevel.NOTHING,
  });
  const consumer: Consumer = kafka.consumer({ groupId: `bench-${randomUUID()}` });
  const events = new Map<string, Pick<Moments, 'committed' | 'captured'>>();
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [/^legacy\.public\.legacy_posts$/], fromBeginning: false });
  await consumer.run({
    eachBatch: ({ batch }) => {
      for (const message of batch.messages) {
        const read = intake(pipeline, 'legacy', feedRecord(batch, message));
        if (read.kind !== 'captured' || message.value === null) continue;
        const { source, ts_us: captured } = JSON.parse(message.value.toString()) as {
          source: { ts_us: number };
          ts_us: number;
        };
        for (const { event } of read.captured)
          events.set(event.event_id, { committed: source.ts_us / 1000, captured: captured / 1000 });
      }
      return Promise.resolve();
    },
  });
  await joined;
  return { events, close: () => consumer.disconnect() };
}

/** Of the workflows begun since, by id. */
async function startTimes(system: System, since: Date): Promise<Map<string, number>> {
  const query = `WorkflowType = 'syncChange' AND StartTime >= '${since.toISOString()}'`;
  const times = new Map<string, number>();
  for await (const { workflowId, startTime } of system.client.workflow.list({ query }))
    times.set(workflowId, startTime.getTime());
  return times;
}

function latencyOf(all: readonly Moments[]): Latency {
  const between = (from: keyof Moments, to: keyof Moments) =>
    percentiles(all.map((moments) => moments[to] - moments[from]));
  return {
    ...between('committed', 'seen'),
    steps: {
      capture: between('committed', 'captured'),
      start: between('captured', 'started'),
      apply: between('started', 'processed'),
      commit: between('processed', 'seen'),
    },
  };
}
