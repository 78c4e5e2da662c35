import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { execa } from 'execa';
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
import { sideTopics } from '../../src/process/side-topics.ts';
import { connectTemporal } from '../../src/process/temporal.ts';
import { readEnvFile } from '../../src/stack/env-file.ts';
import type { Stack } from '../../src/stack/stack.ts';
import { readTopics } from '../support/topic-reader.ts';
import type { ReadRecord } from '../support/topic-reader.ts';
import { commandOf, thisBuild } from './build.ts';
import type { Build } from './build.ts';
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
  /** Those that ought to run. */
  readonly processes: TandemProcess[];
  /** Another one, not yet started and not among `processes`. */
  process(build: Build, name: string): TandemProcess;
  /** Runs a command of a build to its end. Throws where it fails. */
  tandem(build: Build, words: readonly string[]): Promise<string>;
  /** Processes, also of those that no longer have to run, that ended without being told to. */
  deaths(): string[];
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

/**
 * Brings the stack up if it is not, installs `blog`, registers its connectors; both as the build does it. `own`: settings beside those of
 * the stack.
 */
export async function openSystem(
  stack: Stack,
  mode: Mode,
  lane: Lane = 'auto',
  build = thisBuild,
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
  const variables = { ...process.env, ...addresses, NODE_OPTIONS: '' };
  const tandem = async ({ folder, ...rest }: Build, words: readonly string[]) =>
    (
      await execa(process.execPath, [commandOf({ folder, ...rest }), ...words], {
        cwd: folder,
        env: variables,
      })
    ).stdout;
  await tandem(build, ['install', module]);
  if (!mode.clocked) await takeClocksAway(adminUrls);
  await tandem(build, ['connectors', 'apply', module]);
  const { client, connection } = await connectTemporal(temporalServer(settings), log);
  const kafka = createKafka({ ...kafkaConnection(settings), clientId: 'tandem-chaos' }, log);
  const topicsOf = new Map(
    sides.map((side) => [
      resolved.get(side)!,
      [...sideTopics(pipeline.sides.get(side)!, resolved.get(side)!)],
    ]),
  );
  const made: TandemProcess[] = [];
  const process_ = (by: Build, name: string) => {
    const log = join(stack.folders.home, 'logs', `tandem-${name}.log`);
    const each = new TandemProcess(by, name, [name, module], variables, log);
    made.push(each);
    return each;
  };
  const processes = [process_(build, 'ingest'), process_(build, 'worker')];
  return {
    stack,
    mode,
    client,
    processes,
    process: process_,
    tandem,
    deaths: () => made.flatMap(({ deaths }) => deaths),
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
      await Promise.all(made.map((each) => each.kill()));
      await connection.close();
    },
  };
}
