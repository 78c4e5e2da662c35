import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { connectPlain } from '../src/database/plain-connection.ts';
import type { PlainConnection } from '../src/database/plain-connection.ts';
import type { Download } from '../src/stack/download.ts';
import { fetchOnce } from '../src/stack/download.ts';
import { runMaven } from '../src/stack/fetch/maven.ts';
import { debeziumPlugins } from '../src/stack/parts/debezium-plugins.ts';
import { findJava, javaServer, propertiesFile } from '../src/stack/parts/java.ts';
import { kafkaClassPath } from '../src/stack/parts/kafka-libraries.ts';
import type { System } from '../test/chaos/system.ts';
import { eventually } from '../test/support/eventually.ts';
import { freePort } from '../test/support/free-port.ts';
import { stopChild } from './child.ts';
import { middleRate } from './rate.ts';

/** The newest that Maven Central served when this was written. */
const version = '3.5.0.Final';

const jdbcSink: Download = {
  name: `debezium-jdbc-${version}`,
  title: 'Debezium JDBC sink',
  bytes: 45_000_000,
  tools: ['java', 'maven'],
  async fetch(into, context) {
    const self = { group: 'tandem', name: 'bench', version: '1' };
    const sink = { group: 'io.debezium', name: 'debezium-connector-jdbc', version };
    const artifacts = [{ ...sink, classifier: 'plugin', type: 'tar.gz' }];
    await runMaven({ self, steps: [{ goal: 'unpack', folder: 'plugins', artifacts }] }, into, context);
  },
};

const table = 'bench_sink';
const topic = `${table}.public.${table}`;
const patienceMs = 300_000;

/**
 * Rows per second that Debezium's JDBC sink, one task, brings from a full topic of PostgreSQL changes to MySQL: the rows of
 * workload `insert`, without identity, ledger, guards or conflicts. Kafka Connect is a worker of its own; its records carry
 * their schema, without which the sink reads none.
 */
export async function measureJdbcSink(
  system: System,
  environment: NodeJS.ProcessEnv,
  { downloads, rows }: { downloads: string; rows: number },
): Promise<number> {
  const legacy = await connectPlain('postgres', system.adminUrls.legacy);
  const revamp = await connectPlain('mysql', system.adminUrls.revamp);
  const worker = await startWorker(environment, downloads);
  try {
    await makeTables(legacy, revamp);
    await worker.put('bench-source', sourceOf(system.adminUrls.legacy));
    await eventually('the source connector to stream', () => worker.isRunning('bench-source'), patienceMs);
    await legacy.query(
      `INSERT INTO ${table} (id, user_id, post_title, source) SELECT n, 1, 'bench ' || n, 'legacy' FROM generate_series(1, ${rows}) n`,
    );
    await eventually(
      'the rows to be in their topic',
      async () => (await worker.records()) >= rows,
      patienceMs,
    );
    await worker.put('bench-sink', sinkOf(system.adminUrls.revamp));
    const ends: number[] = [];
    while (ends.length < rows) {
      const [counted] = await revamp.query(`SELECT COUNT(*) AS n FROM ${table}`);
      while (ends.length < Number(counted!['n'])) ends.push(performance.now());
      await delay(20);
    }
    return middleRate(ends);
  } finally {
    await worker.stop();
    await legacy.query(
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${table}'`,
    );
    await legacy.query(`DROP PUBLICATION IF EXISTS ${table}`);
    await legacy.query(`DROP TABLE IF EXISTS ${table}`);
    await revamp.query(`DROP TABLE IF EXISTS ${table}`);
    await Promise.all([legacy.close(), revamp.close()]);
  }
}

async function makeTables(legacy: PlainConnection, revamp: PlainConnection): Promise<void> {
  await legacy.query(`CREATE TABLE ${table} (LIKE legacy_posts INCLUDING DEFAULTS, PRIMARY KEY (id))`);
  await legacy.query(`ALTER TABLE ${table} REPLICA IDENTITY FULL`);
  await legacy.query(`CREATE PUBLICATION ${table} FOR TABLE ${table}`);
  await revamp.query(
    `CREATE TABLE ${table} (id BIGINT PRIMARY KEY, user_id BIGINT NOT NULL, post_title VARCHAR(255), post_content TEXT,
      created_at TIMESTAMP(6) NULL, updated_at TIMESTAMP(6) NULL, source VARCHAR(20), sync_clock BIGINT)`,
  );
}

const json = (kind: string) => ({
  [`${kind}.converter`]: 'org.apache.kafka.connect.json.JsonConverter',
  [`${kind}.converter.schemas.enable`]: 'true',
});

const loginOf = (url: URL) => ({
  user: decodeURIComponent(url.username),
  password: decodeURIComponent(url.password),
});

function sourceOf(adminUrl: string): Record<string, string> {
  const url = new URL(adminUrl);
  const { user, password } = loginOf(url);
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'database.hostname': url.hostname,
    'database.port': url.port,
    'database.dbname': url.pathname.slice(1),
    'database.user': user,
    'database.password': password,
    'plugin.name': 'pgoutput',
    'publication.name': table,
    'publication.autocreate.mode': 'disabled',
    'slot.name': table,
    'topic.prefix': table,
    'table.include.list': `public.${table}`,
    'snapshot.mode': 'no_data',
    'poll.interval.ms': '10',
    'decimal.handling.mode': 'string',
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
    ...json('key'),
    ...json('value'),
  };
}

function sinkOf(adminUrl: string): Record<string, string> {
  const url = new URL(adminUrl);
  const { user, password } = loginOf(url);
  return {
    'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
    'tasks.max': '1',
    topics: topic,
    'connection.url': `jdbc:mysql://${url.host}${url.pathname}?rewriteBatchedStatements=true`,
    'connection.username': user,
    'connection.password': password,
    'collection.name.format': table,
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_key',
    'schema.evolution': 'none',
    'batch.size': '500',
    'consumer.override.max.poll.records': '500',
    'consumer.override.auto.offset.reset': 'earliest',
    ...json('key'),
    ...json('value'),
  };
}

/** A Kafka Connect worker with both connectors, whose internal topics are its own. */
async function startWorker(environment: NodeJS.ProcessEnv, downloads: string) {
  const plugins = await fetchOnce(downloads, jdbcSink, {
    signal: AbortSignal.timeout(patienceMs),
    onProgress: () => {},
  });
  const java = await findJava(downloads, process.env);
  const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  const port = await freePort();
  const internal = (kind: string) => ({
    [`${kind}.storage.topic`]: `${table}-${kind}`,
    [`${kind}.storage.replication.factor`]: 1,
    ...(kind !== 'config' && { [`${kind}.storage.partitions`]: 1 }),
  });
  const file = join(folder, 'connect.properties');
  await writeFile(
    file,
    propertiesFile({
      'bootstrap.servers': environment['KAFKA_BROKERS'] ?? '',
      'group.id': table,
      listeners: `http://127.0.0.1:${port}`,
      'plugin.path': `${debeziumPlugins(downloads)},${join(plugins, 'plugins')}`,
      'plugin.discovery': 'service_load',
      'connector.client.config.override.policy': 'All',
      'offset.flush.interval.ms': 1000,
      ...internal('config'),
      ...internal('offset'),
      ...internal('status'),
      ...json('key'),
      ...json('value'),
    }),
  );
  const main = 'org.apache.kafka.connect.cli.ConnectDistributed';
  const child = spawn(java.file, javaServer('768m', kafkaClassPath(downloads), main, file), {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  const kafka = new Kafka({
    brokers: (environment['KAFKA_BROKERS'] ?? '').split(','),
    clientId: 'tandem-bench',
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  const answers = () =>
    fetch(`${url}/connectors`).then(
      ({ ok }) => ok,
      () => false,
    );
  await eventually('the bench’s own Kafka Connect', answers, patienceMs);
  return {
    async put(name: string, config: Record<string, string>): Promise<void> {
      const response = await fetch(`${url}/connectors/${name}/config`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(config),
      });
      if (!response.ok) throw new Error(`${name}: ${await response.text()}`);
    },
    async isRunning(name: string): Promise<boolean> {
      const response = await fetch(`${url}/connectors/${name}/status`);
      if (!response.ok) return false;
      const { tasks } = (await response.json()) as { tasks: { state: string; trace?: string }[] };
      const failed = tasks.find(({ state }) => state === 'FAILED');
      if (failed) throw new Error(failed.trace?.split('\n')[0]);
      return tasks.length > 0 && tasks.every(({ state }) => state === 'RUNNING');
    },
    /** In the topic of changes. */
    async records(): Promise<number> {
      const ends = await admin.fetchTopicOffsets(topic).catch(() => []);
      return ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
    },
    async stop(): Promise<void> {
      await stopChild(child);
      const topics = [topic, ...['config', 'offset', 'status'].map((kind) => `${table}-${kind}`)];
      await admin.deleteTopics({ topics }).catch(() => {});
      await admin.disconnect();
      await rm(folder, { recursive: true });
    },
  };
}
