import { changesTopic } from '../effects/kafka-changes.ts';
import { readerGroupPrefix } from '../ingest/kafka/read-record.ts';
import { rewoundGroup } from '../ingest/kafka/rewind.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Environment } from './config/environment.ts';
import type { Settings } from './config/settings.ts';
import { resolveSides } from './config/sides.ts';
import { connectorNames } from './connectors.ts';
import { readConnectors } from './connectors/definition.ts';
import { connectorVariables } from './connectors/variables.ts';
import { publishedTables } from './event-bus.ts';
import { sideTopics } from './side-topics.ts';

/** ingest and worker: the processes; connectors: `tandem connectors apply`; connect: Kafka Connect, beside what it needs for itself. */
export type KafkaRole = 'ingest' | 'worker' | 'connectors' | 'connect';

export interface KafkaAcl {
  role: KafkaRole;
  resource: 'topic' | 'group';
  names: readonly string[];
  /** Each name is the beginning of many. */
  prefixed: boolean;
  /** As Kafka's own tool names them; Read and Write include Describe. */
  operations: readonly string[];
}

/** What a pipeline's processes do with Kafka, by the names they use. Throws `ConfigError`. */
export async function kafkaAcls(
  pipeline: CompiledPipeline,
  settings: Settings,
  environment: Environment,
): Promise<KafkaAcl[]> {
  const sides = resolveSides(pipeline, environment);
  const read = [...pipeline.sides.values()]
    .map((side) => ({
      topics: sideTopics(side, sides.get(side.name)!),
      groupId: sides.get(side.name)!.groupId,
    }))
    .filter(({ topics }) => topics.length > 0);
  const changes = read.flatMap(({ topics }) => topics);
  const groups = read.map(({ groupId }) => groupId);
  const published = settings.eventBus.includes('kafka') ? publishedTables(pipeline).map(changesTopic) : [];
  const connectors = await readConnectors(
    connectorNames(pipeline, sides),
    connectorVariables(pipeline, settings, environment),
  );
  const heartbeats = connectors.map(({ config }) => heartbeatTopic(config['topic.prefix'] ?? ''));
  const withHistory = connectors.filter(({ config }) => historyTopic in config);
  const histories = withHistory.map(({ config }) => config[historyTopic]!);
  const historyReaders = withHistory.map(({ config }) => `${config['topic.prefix']}-schemahistory`);

  const acls =
    (resource: KafkaAcl['resource'], prefixed = false) =>
    (role: KafkaRole, names: readonly string[], ...operations: string[]): KafkaAcl[] =>
      names.length === 0 ? [] : [{ role, resource, names, prefixed, operations }];
  const topic = acls('topic');
  const group = acls('group');
  return [
    ...topic('ingest', changes, 'Read', 'DescribeConfigs'),
    ...group('ingest', groups, 'Read'),
    ...group('ingest', groups.map(rewoundGroup), 'Describe'),
    ...topic('worker', changes, 'Read', 'DescribeConfigs'),
    ...topic('worker', [settings.deadLetterTopic, ...published], 'Write'),
    ...group('worker', groups, 'Describe'),
    ...acls('group', true)('worker', [readerGroupPrefix], 'Read', 'Delete'),
    ...topic('connectors', [...changes, settings.deadLetterTopic, ...published], 'Create', 'Describe'),
    ...topic('connect', [...changes, ...heartbeats], 'Write', 'Create', 'DescribeConfigs'),
    ...topic('connect', histories, 'Read', 'Write', 'Create', 'DescribeConfigs'),
    ...group('connect', historyReaders, 'Read'),
  ];
}

const historyTopic = 'schema.history.internal.kafka.topic';

/** Debezium's name for it (`topic.heartbeat.prefix`). */
const heartbeatTopic = (prefix: string): string => `__debezium-heartbeat.${prefix}`;

/** For who administers Kafka; the login of a role is called as here, or otherwise. */
export const aclCommand = ({ role, resource, names, prefixed, operations }: KafkaAcl): string =>
  [
    `kafka-acls.sh --bootstrap-server "$KAFKA_BROKERS" --add --allow-principal User:tandem_${role}`,
    ...operations.map((operation) => `--operation ${operation}`),
    ...names.map((name) => `--${resource} '${name}'`),
    ...(prefixed ? ['--resource-pattern-type prefixed'] : []),
  ].join(' \\\n  ');
