import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { capturePasswordVariable, captureRole } from '../databases.ts';
import type { Part, PartContext, Server } from '../part.ts';
import { connectorClasses, debeziumDownload, debeziumPlugins } from './debezium-plugins.ts';
import { findJava, javaServer, propertiesFile } from './java.ts';
import { kafkaClassPath, kafkaDownload, kafkaVersion } from './kafka-libraries.ts';

const internalTopic = (kind: string): Record<string, string | number> => ({
  [`${kind}.storage.topic`]: `connect-${kind}`,
  [`${kind}.storage.replication.factor`]: 1,
  // The configuration topic has one partition whatever is said.
  ...(kind !== 'config' && { [`${kind}.storage.partitions`]: 1 }),
});

const jsonConverter = (kind: string): Record<string, string> => ({
  [`${kind}.converter`]: 'org.apache.kafka.connect.json.JsonConverter',
  [`${kind}.converter.schemas.enable`]: 'false',
  // Otherwise a NULL in a column that has a default arrives as the default.
  [`${kind}.converter.replace.null.with.default`]: 'false',
});

const provider = (name: string, type: string): Record<string, string> => ({
  [`config.providers.${name}.class`]: `org.apache.kafka.common.config.provider.${type}`,
});

function settings(context: PartContext): Record<string, string | number> {
  return {
    'bootstrap.servers': context.addresses['KAFKA_BROKERS'] ?? '',
    'group.id': 'tandem-connect',
    listeners: `http://127.0.0.1:${context.port('CONNECT')}`,
    'rest.advertised.host.name': '127.0.0.1',
    'plugin.path': debeziumPlugins(context.folders.downloads),
    'plugin.discovery': 'service_load',
    ...internalTopic('config'),
    ...internalTopic('offset'),
    ...internalTopic('status'),
    ...jsonConverter('key'),
    ...jsonConverter('value'),
    'connector.client.config.override.policy': 'All',
    'producer.max.request.size': 64 * 1024 * 1024,
    'producer.buffer.memory': 96 * 1024 * 1024,
    'producer.compression.type': 'gzip',
    'offset.flush.interval.ms': 5_000,
    // One worker: nobody else could take its tasks over, so a restarted one takes them back at once.
    'scheduled.rebalance.max.delay.ms': 0,
    'config.providers': 'file,env',
    ...provider('file', 'FileConfigProvider'),
    ...provider('env', 'EnvVarConfigProvider'),
  };
}

async function get(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}

async function probe(url: string): Promise<void> {
  await get(`${url}/connectors`);
  const plugins = (await get(`${url}/connector-plugins`)) as { class: string }[];
  const missing = connectorClasses.filter((name) => !plugins.some((plugin) => plugin.class === name));
  if (missing.length > 0) throw new Error(`Kafka Connect does not offer ${missing.join(', ')}`);
}

function server(context: PartContext, java: string): Server {
  const folder = context.folders.data('connect');
  const configuration = join(context.folders.config('connect'), 'connect.properties');
  const main = 'org.apache.kafka.connect.cli.ConnectDistributed';
  return {
    version: kafkaVersion,
    command: {
      file: java,
      args: javaServer('768m', kafkaClassPath(context.folders.downloads), main, configuration),
      cwd: folder,
      environment: Object.fromEntries(
        context.databases.map(({ side }) => [capturePasswordVariable(side), captureRole.password]),
      ),
      files: { [configuration]: propertiesFile(settings(context)) },
      stopSignal: 'SIGTERM',
    },
    prepare: async () => void (await mkdir(folder, { recursive: true })),
    probe: () => probe(`http://127.0.0.1:${context.port('CONNECT')}`),
  };
}

/** Kafka Connect with Debezium's connectors for both engines; records are JSON without schemas. */
export const connect: Part = {
  name: 'connect',
  title: 'Kafka Connect',
  after: ['kafka'],
  ports: [{ name: 'CONNECT', base: 18_083 }],
  diskBytes: 10_000_000,
  memoryBytes: 800_000_000,
  addresses: ({ port }) => [{ required: { CONNECT_URL: `http://127.0.0.1:${port('CONNECT')}` } }],
  async plan(context) {
    const java = await findJava(context.folders.downloads, context.environment);
    return {
      source: 'download',
      downloads: [...java.downloads, kafkaDownload, debeziumDownload],
      server: () => Promise.resolve(server(context, java.file)),
    };
  },
};
