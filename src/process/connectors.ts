import { setTimeout as delay } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { ConfigError } from '../errors/config-error.ts';
import { SyncError } from '../errors/sync-error.ts';
import { createKafka } from '../ingest/kafka/client.ts';
import { isRefusal } from '../ingest/kafka/socket.ts';
import { ensureTopics } from '../ingest/kafka/topics.ts';
import type { TopicSettings } from '../ingest/kafka/topics.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { loadEnvironment } from './config/environment.ts';
import type { Environment } from './config/environment.ts';
import { kafkaConnection } from './config/kafka.ts';
import { loadSettings } from './config/settings.ts';
import type { Settings } from './config/settings.ts';
import { queueSides, resolveSides } from './config/sides.ts';
import type { SideSettings } from './config/sides.ts';
import { sideTopics } from './side-topics.ts';
import { changeTopic, deadLetterTopic } from './topic-settings.ts';
import { ConnectRest } from './connectors/connect-rest.ts';
import type { ConnectorStatus, Patience } from './connectors/connect-rest.ts';
import { epochOf, withEpoch } from './connectors/epoch.ts';
import { readConnectors, refuseSecrets } from './connectors/definition.ts';
import type { Connector } from './connectors/definition.ts';
import { withSchemaHistory } from './connectors/schema-history.ts';
import { connectorVariables } from './connectors/variables.ts';
import { stopBetweenTransactions } from './connectors/whole-transactions.ts';

export interface ConnectorOptions {
  /** Its `connectors` is where the connector files are, unless `folder` says otherwise; `debezium/` of the package by default. */
  pipeline: CompiledPipeline & { connectors?: string };
  environment?: Environment;
  folder?: string;
  /** How long to wait for Kafka, Kafka Connect and the tasks, milliseconds; default two minutes. */
  patienceMs?: number;
  signal?: AbortSignal;
  log?: Logger;
  /** The side whose log began anew: its connector's records get a new epoch from here on, and it goes on where it was stopped. */
  newEpoch?: string | undefined;
}

/** Not every task runs. The message names what each says; `statuses` holds the same. */
export class ConnectorsNotRunning extends Error {
  override readonly name = 'ConnectorsNotRunning';
  readonly statuses: readonly ConnectorStatus[];

  constructor(statuses: readonly ConnectorStatus[]) {
    super(
      statuses
        .filter((status) => !isRunning(status))
        .map(statusText)
        .join('\n'),
    );
    this.statuses = statuses;
  }
}

/** How long a state has to last after a change before it is believed: the one from before shows for a moment. */
export const settleMs = 2000;
const pollMs = 250;

/** Of the sides that changes are captured on, but for those whose changes come in a queue. */
export function connectorNames(
  pipeline: CompiledPipeline,
  sides: ReadonlyMap<string, Pick<SideSettings, 'feed'>>,
): string[] {
  const captured = [...pipeline.sides.values()].filter(
    ({ name, tables }) => tables.length > 0 && sides.get(name)?.feed !== 'sqs',
  );
  return [...new Set(captured.map(({ connector }) => connector))];
}

/** The topics a pipeline reads and the dead-letter topic, made beforehand: who comes first does not decide their settings. */
function topicsOf(
  pipeline: CompiledPipeline,
  settings: Settings,
  environment: Environment,
): Map<string, TopicSettings> {
  const sides = resolveSides(pipeline, environment);
  const topics = [...pipeline.sides.values()].flatMap((side) => sideTopics(side, sides.get(side.name)!));
  return new Map([
    ...topics.map((topic) => [topic, changeTopic(settings)] as const),
    [settings.deadLetterTopic, deadLetterTopic(settings)],
  ]);
}

/**
 * Makes missing topics, registers the connectors whose configuration differs, starts again what has failed, and waits
 * until every task runs. Doing it again changes nothing, but raises the epoch again where that is asked for. Throws `ConfigError` where a variable is missing or a secret would be shown, `SyncError`
 * where Kafka Connect does not come (`unavailable`) or refuses a configuration (`schema`), `ConnectorsNotRunning` where
 * a task fails or the patience ends.
 */
export async function applyConnectors(options: ConnectorOptions): Promise<ConnectorStatus[]> {
  const { pipeline, environment = loadEnvironment(), patienceMs = 120_000 } = options;
  const settings = loadSettings(environment);
  const variable = connectorVariables(pipeline, settings, environment);
  const names = connectorNames(pipeline, resolveSides(pipeline, environment));
  const connectors = (await readConnectors(names, variable, options.folder ?? pipeline.connectors)).map(
    (connector) => withSchemaHistory(connector, settings, variable),
  );
  refuseSecrets(connectors);
  const log = options.log ?? pino({ level: 'silent' });
  const { signal, newEpoch } = options;
  const raised = newEpoch === undefined ? null : connectorOf(pipeline, newEpoch, environment);
  const kafka = createKafka({ ...kafkaConnection(settings), clientId: 'tandem-connectors' }, log);
  await makeTopics(kafka, topicsOf(pipeline, settings, environment), log, { patienceMs, signal });
  const rest = new ConnectRest(settings.connectUrl, { patienceMs, signal });
  const statuses = await Promise.all(
    connectors.map(async (connector) => {
      const changed = await (connector.name === raised
        ? registerAnew(rest, connector, { patienceMs, signal })
        : register(rest, connector));
      return untilSettled(rest, connector.name, changed ? settleMs : 0, { patienceMs, signal });
    }),
  );
  if (!statuses.every(isRunning)) throw new ConnectorsNotRunning(statuses);
  return statuses;
}

async function makeTopics(
  kafka: Kafka,
  topics: ReadonlyMap<string, TopicSettings>,
  log: Logger,
  { patienceMs, signal }: Patience,
): Promise<void> {
  const deadline = AbortSignal.timeout(patienceMs);
  try {
    const end = signal ? AbortSignal.any([signal, deadline]) : deadline;
    await ensureTopics(kafka, topics, log, end, isRefusal);
  } catch (error) {
    signal?.throwIfAborted();
    throw new SyncError('unavailable', `Kafka does not make the topics ${[...topics.keys()].join(', ')}`, {
      cause: error,
    });
  }
}

/** Under the next epoch: it is stopped for it, and goes on where it had been stopped already. */
async function registerAnew(
  rest: ConnectRest,
  { name, config }: Connector,
  patience: Patience,
): Promise<true> {
  const registered = await rest.config(name);
  if (registered !== null)
    await stopBetweenTransactions(rest, name, () => untilStopped(rest, name, patience));
  await rest.configure(name, withEpoch({ ...config, name }, registered, true));
  await rest.resume(name);
  return true;
}

async function untilStopped(
  rest: ConnectRest,
  name: string,
  { patienceMs, signal }: Patience,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const status = (await rest.status(name)) ?? missing(name);
    if (status.state === 'STOPPED' && status.tasks.length === 0) return;
    if (Date.now() > deadline) throw new ConnectorsNotRunning([status]);
    await delay(pollMs, undefined, { signal });
  }
}

/** Whether there was anything to do. */
async function register(rest: ConnectRest, { name, config }: Connector): Promise<boolean> {
  const registered = await rest.config(name);
  const wanted = withEpoch({ ...config, name }, registered, false);
  if (registered === null || !sameConfig(registered, wanted)) {
    await rest.configure(name, wanted);
    return true;
  }
  const status = await rest.status(name);
  if (status === null || !hasFailed(status)) return false;
  await rest.restartFailed(name);
  return true;
}

function sameConfig(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

/** The state a connector comes to: running or failed for `lastsMs`, or whatever it is when the patience ends. */
export async function untilSettled(
  rest: ConnectRest,
  name: string,
  lastsMs: number,
  { patienceMs, signal }: Patience,
): Promise<ConnectorStatus> {
  const deadline = Date.now() + patienceMs;
  let last = '';
  let since = Date.now();
  for (;;) {
    const status = (await rest.status(name)) ?? missing(name);
    const seen = isRunning(status) ? 'running' : hasFailed(status) ? 'failed' : '';
    if (seen !== last) {
      last = seen;
      since = Date.now();
    }
    if ((seen !== '' && Date.now() - since >= lastsMs) || Date.now() > deadline) return status;
    await delay(pollMs, undefined, { signal });
  }
}

function connectorOf(pipeline: CompiledPipeline, side: string, environment: Environment): string {
  const found = pipeline.sides.get(side);
  if (!found) throw new ConfigError([`${side}: pipeline ${pipeline.name} has no side of that name`]);
  if (queueSides(pipeline, environment).includes(side))
    throw new ConfigError([`${side}: its changes come in a queue: it has no connector`]);
  return found.connector;
}

/** The epoch that a side's connector gives its records now; null where it is not registered. Throws as `applyConnectors` does. */
export async function registeredEpoch(
  { pipeline, environment = loadEnvironment(), patienceMs = 5000, signal }: ConnectorOptions,
  side: string,
): Promise<number | null> {
  const rest = new ConnectRest(loadSettings(environment).connectUrl, { patienceMs, signal });
  const config = await rest.config(connectorOf(pipeline, side, environment));
  return config && epochOf(config);
}

const missing = (name: string): ConnectorStatus => ({ name, state: 'MISSING', cause: [], tasks: [] });

/** The states of a pipeline's connectors; `MISSING` for one that is not registered. Throws as `applyConnectors` does. */
export async function connectorStatus({
  pipeline,
  environment = loadEnvironment(),
  patienceMs = 5000,
  signal,
}: ConnectorOptions): Promise<ConnectorStatus[]> {
  const rest = new ConnectRest(loadSettings(environment).connectUrl, { patienceMs, signal });
  return Promise.all(
    connectorNames(pipeline, resolveSides(pipeline, environment)).map(
      async (name) => (await rest.status(name)) ?? missing(name),
    ),
  );
}

export const isRunning = ({ state, tasks }: ConnectorStatus): boolean =>
  state === 'RUNNING' && tasks.length > 0 && tasks.every((task) => task.state === 'RUNNING');

const hasFailed = ({ state, tasks }: ConnectorStatus): boolean =>
  state === 'FAILED' || tasks.some((task) => task.state === 'FAILED');

/** A line for the connector, and one for each reason why a part of it failed. */
export function statusText({ name, state, cause, tasks }: ConnectorStatus): string {
  const counted = tasks.map((task) => `, task ${task.id} ${task.state}`).join('');
  const because = [cause, ...tasks.map((task) => task.cause)].flat().map((line) => `\n    ${line}`);
  return `${name}: ${state}${counted}${because.join('')}`;
}
