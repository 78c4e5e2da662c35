import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { EachBatchPayload } from 'kafkajs';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import { parseRecord } from '../change/parsers/record.ts';
import { ConfigError } from '../errors/config-error.ts';
import { createKafka } from '../ingest/kafka/client.ts';
import { feedRecord } from '../ingest/kafka/feed-record.ts';
import { createSqs } from '../ingest/sqs/client.ts';
import { mostInCall } from '../ingest/sqs/queue.ts';
import type { CompiledPipeline, CompiledTable } from '../pipeline/route.ts';
import type { Environment } from '../process/config/environment.ts';
import { kafkaConnection } from '../process/config/kafka.ts';
import { loadSettings } from '../process/config/settings.ts';
import { resolveSides, sidePrefix } from '../process/config/sides.ts';
import { sqsConnection } from '../process/config/sqs.ts';
import { applyConnectors } from '../process/connectors.ts';
import { sideTopics } from '../process/side-topics.ts';
import { dmsRecord } from './dms-record.ts';

/** Bytes of all messages of one call: SQS takes 1 MiB. */
const mostBytes = 1_000_000;

export interface DmsFeederOptions {
  pipeline: CompiledPipeline;
  /** A MySQL side whose feed is sqs; `debezium/` has a connector for it. */
  side: string;
  environment: Environment;
  log: Logger;
  signal?: AbortSignal;
}

/**
 * Stands in for AWS DMS where there is none: registers the side's connector, and sends each change that it captures to the
 * side's queue as DMS would write it, at least once, until `stop`. Reads as a group of its own.
 * Throws as `applyConnectors` does, and `ConfigError` where the side has no queue.
 */
export async function startDmsFeeder(options: DmsFeederOptions): Promise<{ stop(): Promise<void> }> {
  const { pipeline, side, environment, log, signal } = options;
  const settings = loadSettings(environment);
  const url = resolveSides(pipeline, environment).get(side)?.queueUrl ?? null;
  if (url === null) throw new ConfigError([`${side}: pipeline ${pipeline.name} reads no queue for it`]);
  const captured = environment.below({ [`${sidePrefix(side)}_FEED`]: 'kafka' });
  await applyConnectors({ pipeline, environment: captured, log, ...(signal && { signal }) });

  const compiled = pipeline.sides.get(side)!;
  const own = resolveSides(pipeline, captured).get(side)!;
  const tables = new Map(compiled.tables.map((table) => [table.name, table]));
  const stopping = new AbortController();
  const queue: Queue = { client: createSqs(sqsConnection(settings)), url, log, signal: stopping.signal };
  const kafka = createKafka({ ...kafkaConnection(settings), clientId: 'tandem-dms-feeder' }, log);
  const consumer = kafka.consumer({
    groupId: `${own.groupId}.dms`,
    maxWaitTimeInMs: 200,
    allowAutoTopicCreation: false,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: sideTopics(compiled, own), fromBeginning: true });
  await consumer.run({
    eachBatchAutoResolve: false,
    autoCommitInterval: 1000,
    eachBatch: (payload) => passOn(payload, tables, queue),
  });
  return {
    async stop() {
      stopping.abort(new Error('the feeder stops'));
      await consumer.disconnect();
      queue.client.destroy();
    },
  };
}

interface Queue {
  client: SQSClient;
  url: string;
  log: Logger;
  signal: AbortSignal;
}

interface Turned {
  offset: string;
  /** Null where DMS would write nothing. */
  body: string | null;
}

/** Offsets are resolved only once the queue holds what stands before them. */
async function passOn(
  payload: EachBatchPayload,
  tables: ReadonlyMap<string, CompiledTable>,
  queue: Queue,
): Promise<void> {
  const { batch } = payload;
  const turned = batch.messages.map((message): Turned => {
    const parsed = parseRecord(feedRecord(batch, message));
    return { offset: message.offset, body: dmsRecord(parsed, (name) => tables.get(name)) };
  });
  for (const some of calls(turned)) {
    if (!payload.isRunning() || payload.isStale() || queue.signal.aborted) return;
    try {
      await send(
        queue,
        some.flatMap(({ body }) => body ?? []),
      );
    } catch (error) {
      if (queue.signal.aborted) return;
      throw error;
    }
    payload.resolveOffset(some.at(-1)!.offset);
    await payload.heartbeat();
  }
}

/** As many at a time as one call takes. */
function calls(turned: readonly Turned[]): Turned[][] {
  const all: Turned[][] = [];
  let bytes = 0;
  for (const each of turned) {
    const own = Buffer.byteLength(each.body ?? '');
    const last = all.at(-1);
    bytes += own;
    if (last && last.length < mostInCall && bytes <= mostBytes) last.push(each);
    else {
      all.push([each]);
      bytes = own;
    }
  }
  return all;
}

/** Waits without limit for SQS; what it refuses of a batch is sent again. */
async function send({ client, url, log, signal }: Queue, bodies: readonly string[]): Promise<void> {
  let left = bodies.map((body, index) => ({ Id: String(index), MessageBody: body }));
  if (left.length === 0) return;
  const attempt = async () => {
    const { Failed: failed = [] } = await client.send(
      new SendMessageBatchCommand({ QueueUrl: url, Entries: left }),
      { abortSignal: signal },
    );
    left = left.filter(({ Id }) => failed.some((each) => each.Id === Id));
    if (left.length > 0) throw new Error(`SQS refused ${left.length} messages: ${failed[0]?.Code}`);
  };
  await pRetry(attempt, {
    retries: Infinity,
    minTimeout: 200,
    maxTimeout: 5000,
    signal,
    onFailedAttempt: ({ error }) => {
      if (!signal.aborted) log.warn({ queue: url, error: error.message }, 'waiting for SQS');
    },
  });
}
