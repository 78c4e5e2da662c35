import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { Kafka, logLevel } from 'kafkajs';
import type { Part, PartContext, Server } from '../part.ts';
import { findJava, javaServer, propertiesFile } from './java.ts';
import { kafkaClassPath, kafkaDownload, kafkaVersion } from './kafka-libraries.ts';

/** Room for a row of 16 MiB in JSON before the producer compresses it. */
const largestMessage = 64 * 1024 * 1024;

function settings(context: PartContext, logs: string): Record<string, string | number> {
  const broker = `127.0.0.1:${context.port('KAFKA')}`;
  const controller = `127.0.0.1:${context.port('KAFKA_CONTROLLER')}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${controller}`,
    listeners: `PLAINTEXT://${broker},CONTROLLER://${controller}`,
    'advertised.listeners': `PLAINTEXT://${broker}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': logs,
    'message.max.bytes': largestMessage,
    'replica.fetch.max.bytes': largestMessage,
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  };
}

/** A cluster id as Kafka writes them. One that starts with a dash would be read as an option. */
const clusterId = (): string => `t${randomBytes(16).toString('base64url').slice(1)}`;

/** Gives the log folder its cluster id; the folder appears in one step. */
async function format(context: PartContext, java: string, logs: string): Promise<void> {
  if (existsSync(logs)) return;
  const partial = `${logs}.partial`;
  const configuration = `${logs}.properties`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await writeFile(configuration, propertiesFile(settings(context, partial)));
  const classPath = kafkaClassPath(context.folders.downloads);
  const action = ['format', '--cluster-id', clusterId(), '--config', configuration];
  await execa(java, javaServer('256m', classPath, 'kafka.tools.StorageTool', ...action), { all: true });
  await rm(configuration);
  await rename(partial, logs);
}

async function probe(broker: string): Promise<void> {
  const kafka = new Kafka({
    clientId: 'tandem-stack',
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { controller } = await admin.describeCluster();
    if (controller === null) throw new Error('the broker knows no controller yet');
  } finally {
    await admin.disconnect();
  }
}

function server(context: PartContext, java: string): Server {
  const folder = context.folders.data('kafka');
  const logs = join(folder, 'logs');
  const configuration = join(context.folders.config('kafka'), 'server.properties');
  const classPath = kafkaClassPath(context.folders.downloads);
  return {
    version: kafkaVersion,
    command: {
      file: java,
      args: javaServer('512m', classPath, 'kafka.Kafka', configuration),
      cwd: folder,
      files: { [configuration]: propertiesFile(settings(context, logs)) },
      stopSignal: 'SIGTERM',
    },
    prepare: () => format(context, java, logs),
    probe: () => probe(`127.0.0.1:${context.port('KAFKA')}`),
  };
}

/** Kafka: one node, broker and controller in one process. Topics are made by those who use them. */
export const kafka: Part = {
  name: 'kafka',
  title: 'Kafka',
  after: [],
  ports: [
    { name: 'KAFKA', base: 19_092 },
    { name: 'KAFKA_CONTROLLER', base: 19_093 },
  ],
  diskBytes: 300_000_000,
  memoryBytes: 600_000_000,
  addresses: ({ port }) => [{ required: { KAFKA_BROKERS: `127.0.0.1:${port('KAFKA')}` } }],
  async plan(context) {
    const java = await findJava(context.folders.downloads, context.environment);
    return {
      source: 'download',
      downloads: [...java.downloads, kafkaDownload],
      server: () => Promise.resolve(server(context, java.file)),
    };
  },
};
