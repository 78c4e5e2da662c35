import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { Kafka } from 'kafkajs';
import type { Lane } from '../../src/ingest/lane.ts';
import { createKafka } from '../../src/ingest/kafka/client.ts';
import { lagOf } from '../../src/ingest/kafka/lag.ts';
import { createLogger } from '../../src/observability/logger.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';
import { Environment } from '../../src/process/config/environment.ts';
import { kafkaConnection } from '../../src/process/config/kafka.ts';
import { loadSettings } from '../../src/process/config/settings.ts';
import { resolveSides } from '../../src/process/config/sides.ts';
import { temporalServer } from '../../src/process/config/temporal.ts';
import type { SideSettings } from '../../src/process/config/sides.ts';
import { applyConnectors, connectorStatus, isRunning, statusText } from '../../src/process/connectors.ts';
import { loadPipeline } from '../../src/process/pipelines.ts';
import { prepareDatabases } from '../../src/process/prepare.ts';
import { sideTopics } from '../../src/process/side-topics.ts';
import { connectTemporal } from '../../src/process/temporal.ts';
import { readEnvFile } from '../../src/stack/env-file.ts';
import type { Stack } from '../../src/stack/stack.ts';
import { readTopics } from '../support/topic-reader.ts';
import type { ReadRecord } from '../support/topic-reader.ts';
import type { Mode } from './mode.ts';
import { TandemProcess } from './processes.ts';
import { takeClocksAway, writeWithoutClocks } from './without-clocks.ts';
import { sides } from './words.ts';
import type { Side } from './words.ts';

/** The servers of a stack with `blog` installed, and Tandem's processes, not yet started. */
export interface System extends AsyncDisposable {
  readonly stack: Stack;
  readonly mode: Mode;
  readonly adminUrls: Readonly<Record<Side, string>>;
  readonly processes: readonly TandemProcess[];
  /** Running workflows of a type, of those begun since. */
  running(type: string, since?: Date): Promise<number>;
  client: Client;
  /** Records that consumers of both sides have not committed. */
  lag(): Promise<number>;
  /** Connectors that do not run, as text; those that failed are started again. */
  reviveConnectors(): Promise<string[]>;
  /** Everything in the change topics. */
  records(): Promise<readonly ReadRecord[]>;
}

const log = createLogger({ level: 'silent' });

async function lagOn(kafka: Kafka, topicsOf: ReadonlyMap<SideSettings, string[]>): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    let records = 0;
    for (const [{ groupId }, topics] of topicsOf) {
      const metadata = await admin.fetchTopicMetadata({ topics });
      const partitions = metadata.topics.map((topic): [string, number[]] => [
        topic.name,
        topic.partitions.map(({ partitionId }) => partitionId),
      ]);
      for (const lag of await lagOf(admin, groupId, new Map(partitions))) records += lag.records;
    }
    return records;
  } finally {
    await admin.disconnect();
  }
}

async function revive(pipeline: CompiledPipeline, environment: Environment): Promise<string[]> {
  const failed = (await connectorStatus({ pipeline, environment })).filter((status) => !isRunning(status));
  if (failed.length > 0) await applyConnectors({ pipeline, environment });
  return failed.map(statusText);
}

/** Brings the stack up if it is not, installs `blog`, registers its connectors. `own`: settings beside those of the stack. */
export async function openSystem(
  stack: Stack,
  mode: Mode,
  lane: Lane = 'auto',
  own: Readonly<Record<string, string>> = {},
): Promise<System> {
  await stack.up();
  const addresses = { ...readEnvFile(stack.folders.env), ...mode.settings, SYNC_LANE: lane, ...own };
  const environment = new Environment(addresses);
  const settings = loadSettings(environment);
  const module = mode.clocked ? 'blog' : writeWithoutClocks(stack.folders.home);
  const pipeline = await loadPipeline(module);
  const resolved = resolveSides(pipeline, environment);
  const adminUrls = { legacy: resolved.get('legacy')!.adminUrl!, revamp: resolved.get('revamp')!.adminUrl! };
  await prepareDatabases(pipeline, environment, { sample: false });
  if (!mode.clocked) await takeClocksAway(adminUrls);
  await applyConnectors({ pipeline, environment });
  const { client, connection } = await connectTemporal(temporalServer(settings), log);
  const kafka = createKafka({ ...kafkaConnection(settings), clientId: 'tandem-chaos' }, log);
  const topicsOf = new Map(
    sides.map((side) => [
      resolved.get(side)!,
      [...sideTopics(pipeline.sides.get(side)!, resolved.get(side)!)],
    ]),
  );
  const process_ = (name: string, words: string[]) =>
    new TandemProcess(
      name,
      words,
      { ...process.env, ...addresses },
      join(stack.folders.home, 'logs', `tandem-${name}.log`),
    );
  const processes = [process_('ingest', ['ingest', module]), process_('worker', ['worker', module])];
  return {
    stack,
    mode,
    client,
    processes,
    adminUrls,
    async running(type, since) {
      const begun = since ? ` AND StartTime >= '${since.toISOString()}'` : '';
      const query = `WorkflowType = '${type}' AND ExecutionStatus = 'Running' AND TandemPipeline = 'blog'${begun}`;
      return (await client.workflow.count(query)).count;
    },
    lag: () => lagOn(kafka, topicsOf),
    reviveConnectors: () => revive(pipeline, environment),
    async records() {
      await using reader = await readTopics(kafka, [...topicsOf.values()].flat());
      await reader.catchUp();
      return [...reader.records];
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(processes.map((each) => each.kill()));
      await connection.close();
    },
  };
}
