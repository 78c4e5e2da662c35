import { randomBytes } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import type { RawRecord } from '../../src/change/parsers/raw-record.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { ConnectRest } from '../../src/process/connectors/connect-rest.ts';
import { readConnectors } from '../../src/process/connectors/definition.ts';
import type { TestDatabase } from './databases.ts';
import { eventually } from './eventually.ts';
import { testAddresses } from './test-stack.ts';

const shipped: Record<Engine, string> = { postgres: 'blog-legacy', mysql: 'blog-revamp' };

/** A table as a connector of its own captures it: with the settings shipped in `debezium/`, unfiltered. */
export interface CapturedTopic extends AsyncDisposable {
  /** Everything captured so far, oldest first. */
  readonly records: readonly RawRecord[];
  /** Waits for so many records. */
  count(records: number): Promise<void>;
}

/** Captures `table` of the test's database; rows that are there already come as a snapshot. */
export async function captureTable(
  database: TestDatabase,
  table: string,
  kafka: Kafka,
): Promise<CapturedTopic> {
  const { engine } = database;
  const connect = testAddresses()['CONNECT_URL']!;
  const rest = new ConnectRest(connect, { patienceMs: 60_000 });
  const name = `values-${randomBytes(4).toString('hex')}`;
  const schema = engine === 'postgres' ? 'public' : database.name;
  const topic = `${name}.${schema}.${table}`;
  if (engine === 'postgres') await database.query(`CREATE PUBLICATION dbz_publication FOR TABLE ${table}`);
  await rest.configure(name, await configuration(database, name, `${schema}.${table}`));

  const records: RawRecord[] = [];
  const consumer = kafka.consumer({ groupId: name, maxWaitTimeInMs: 200 });
  await eventually(`connector ${name} to run`, async () => {
    const status = await rest.status(name);
    const failed = status?.tasks.find(({ state }) => state === 'FAILED');
    if (failed) throw new Error(failed.cause.join('; '));
    return status?.tasks.some(({ state }) => state === 'RUNNING');
  });
  const admin = kafka.admin();
  await admin.connect();
  await eventually(`topic ${topic}`, async () => (await admin.listTopics()).includes(topic), 60_000);
  await admin.disconnect();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message: { key, value, headers = {}, offset } }) => {
      const texts = Object.entries(headers).map(([header, bytes]) => [header, String(bytes)]);
      records.push({ key, value, headers: Object.fromEntries(texts), offset });
      return Promise.resolve();
    },
  });
  return {
    records,
    async count(wanted) {
      await eventually(`${wanted} records`, () => records.length >= wanted, 60_000);
    },
    async [Symbol.asyncDispose]() {
      await consumer.disconnect();
      await fetch(`${connect}/connectors/${name}`, { method: 'DELETE' });
      if (engine === 'postgres')
        await eventually('the slot to be free', async () => {
          const active = await database.query(
            'SELECT 1 FROM pg_replication_slots WHERE active AND slot_name = $1',
            [slotName(name)],
          );
          return active.length === 0;
        });
    },
  };
}

const slotName = (name: string): string => name.replaceAll('-', '_');

/** The shipped file, with this database and this table in the place of the pipeline's. */
async function configuration(
  database: TestDatabase,
  name: string,
  table: string,
): Promise<Record<string, string>> {
  const [connector] = await readConnectors([shipped[database.engine]], (variable) => filler[variable]);
  const { hostname, port, username, password, pathname } = new URL(database.adminUrl);
  const own: Record<Engine, Record<string, string>> = {
    postgres: { 'database.dbname': pathname.slice(1), 'slot.name': slotName(name) },
    mysql: {
      'database.include.list': pathname.slice(1),
      'database.server.id': String(200_000 + randomBytes(2).readUInt16BE()),
      'schema.history.internal.kafka.topic': `${name}.schema-history`,
    },
  };
  const { transforms: _, ...config } = connector!.config;
  return {
    ...config,
    ...own[database.engine],
    'database.hostname': hostname,
    'database.port': port,
    'database.user': decodeURIComponent(username),
    'database.password': decodeURIComponent(password),
    'topic.prefix': name,
    'table.include.list': table,
    'topic.creation.default.partitions': '1',
  };
}

const filler: Record<string, string> = {
  ...Object.fromEntries(
    ['LEGACY', 'REVAMP'].flatMap((side) =>
      ['HOST', 'PORT', 'DATABASE'].map((what) => [`${side}_CDC_${what}`, 'x']),
    ),
  ),
  CONNECTOR_TRANSFORMS: 'epoch',
  TOPIC_PARTITIONS: '1',
  TOPIC_RETENTION_MS: '86400000',
  TOPIC_MAX_MESSAGE_BYTES: '16777216',
  get CONNECT_KAFKA_BROKERS() {
    return testAddresses()['KAFKA_BROKERS']!;
  },
};
