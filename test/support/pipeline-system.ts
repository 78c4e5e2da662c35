import { tourTools } from '../../src/demo/tour-tools.ts';
import { createKafka } from '../../src/ingest/kafka/client.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { Environment } from '../../src/process/config/environment.ts';
import { kafkaConnection } from '../../src/process/config/kafka.ts';
import { redisServer } from '../../src/process/config/redis.ts';
import { loadSettings } from '../../src/process/config/settings.ts';
import { resolveSides } from '../../src/process/config/sides.ts';
import { temporalServer } from '../../src/process/config/temporal.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';
import { applyConnectors } from '../../src/process/connectors.ts';
import { loadPipeline } from '../../src/process/pipelines.ts';
import { prepareDatabases } from '../../src/process/prepare.ts';
import { run } from '../../src/process/run.ts';
import { sideTopics } from '../../src/process/side-topics.ts';
import { connectTemporal } from '../../src/process/temporal.ts';
import { isModeName, modes } from '../chaos/mode.ts';
import { eventually } from './eventually.ts';
import { leastPrivilege } from './least-privilege.ts';
import { testAddresses } from './test-stack.ts';

const log = createLogger({ level: 'silent' });

/** The mode the tests run in: `TANDEM_TEST_MODE=no-origin npm test` runs them as on managed databases. */
const wanted = process.env['TANDEM_TEST_MODE'] ?? 'full';
const { settings: modeSettings } = modes[isModeName(wanted) ? wanted : 'full'];
/** `TANDEM_TEST_LANE=batch npm test` brings every change by the batch lane. */
const lane = process.env['TANDEM_TEST_LANE'];
const laneSettings = lane === undefined ? {} : { SYNC_LANE: lane };

/** Settings of the test stack; ports of the process's own servers are any free ones. */
export const testEnvironment = (own: Record<string, string> = {}): Environment =>
  new Environment({
    ...testAddresses(),
    METRICS_PORT: '0',
    HEALTH_PORT: '0',
    ENDPOINTS_PORT: '0',
    ...modeSettings,
    ...laneSettings,
    ...own,
  });

/** A client of the test stack's Kafka. */
export const testKafka = (clientId: string) =>
  createKafka({ ...kafkaConnection(loadSettings(testEnvironment())), clientId }, log);

/** Where the test stack's Temporal is. */
export const testTemporal = () => temporalServer(loadSettings(testEnvironment()));

/** Pipelines whose logins were left what they need, in this process. */
const restricted = new Set<string>();

/** The databases, topics and connectors of a pipeline on the test stack; nothing is done twice. */
export async function preparePipeline(name: string, environment: Environment): Promise<CompiledPipeline> {
  const pipeline = await loadPipeline(name);
  await prepareDatabases(pipeline, environment, { sample: false });
  if (!restricted.has(name)) await leastPrivilege(pipeline, environment);
  restricted.add(name);
  await applyConnectors({ pipeline, environment });
  return pipeline;
}

/** What the apps do and see of a pipeline on the test stack, and what surrounds it; no ingest, no worker. */
export async function openPipeline(name: string, environment = testEnvironment()) {
  const settings = loadSettings(environment);
  const pipeline = await preparePipeline(name, environment);
  const temporal = await connectTemporal(temporalServer(settings), log);
  const kafka = createKafka({ ...kafkaConnection(settings), clientId: 'tandem-test' }, log);
  const sides = [...resolveSides(pipeline, environment).values()].map((side) => ({
    name: side.name,
    engine: side.engine,
    adminUrl: side.adminUrl!,
    topics: sideTopics(pipeline.sides.get(side.name)!, side),
  }));
  const tools = await tourTools(
    {
      pipeline: pipeline.name,
      sides,
      client: temporal.client,
      kafka,
      redis: redisServer(settings),
      endpoints: null,
      endpointsToken: null,
      patienceMs: 60_000,
    },
    {
      apps: Object.fromEntries(sides.map((side) => [side.name, `${side.name}_app`])),
      take: () => Promise.resolve(),
    },
  );
  return {
    ...tools,
    pipeline,
    environment,
    settings,
    kafka,
    client: temporal.client,
    async [Symbol.asyncDispose]() {
      await tools.close();
      await temporal.connection.close();
    },
  };
}

/**
 * `openPipeline` with ingest and worker running in this process, caught up with what earlier tests left; under another
 * definition of the pipeline where one is given.
 */
export async function runPipeline(
  name: string,
  own: Record<string, string> = {},
  definition?: CompiledPipeline,
  logged = log,
) {
  const opened = await openPipeline(name, testEnvironment(own));
  const start = async () => {
    const started = await run({
      environment: opened.environment,
      pipelines: [definition ?? opened.pipeline],
      ingest: 'all',
      worker: true,
      endpoints: true,
      log: logged,
    });
    try {
      await caughtUp(started);
    } catch (error) {
      // Left running it would take the events of every later test.
      await started.stop();
      throw error;
    }
    return started;
  };
  let running = await start();
  return {
    ...opened,
    get running() {
      return running;
    },
    /** Stops ingest and worker, does the work, and starts them again. */
    async whileStopped(work: () => Promise<void>) {
      await running.stop();
      await work();
      running = await start();
    },
    async [Symbol.asyncDispose]() {
      await running.stop();
      await opened[Symbol.asyncDispose]();
    },
  };
}

/** Ingest and worker of pipelines that a test defines itself, in this process. */
export const runDefined = (environment: Environment, ...pipelines: CompiledPipeline[]) =>
  run({ environment, pipelines, ingest: 'all', worker: true, endpoints: true, log });

async function caughtUp(running: Awaited<ReturnType<typeof run>>): Promise<void> {
  await eventually('everything to be caught up and nothing paused', () => {
    const read = running.inHand.records() === 0 && running.openPauses().length === 0;
    return read && running.openWork.every(({ inFlight }) => inFlight === 0) && running.health.readyz().ok;
  });
}
