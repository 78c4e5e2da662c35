import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { createSqs } from '../../src/ingest/sqs/client.ts';
import { SqsQueue } from '../../src/ingest/sqs/queue.ts';
import type { Variables } from '../../src/stack/env-file.ts';
import { readEnvFile } from '../../src/stack/env-file.ts';
import { openStack } from '../../src/stack/stack.ts';
import { commandsIn } from './running.ts';

/** Fetches what is not there yet, so the first run on a machine takes its time. */
const limit = 600_000;

const environment = { PATH: process.env['PATH'] };
const stack = openStack({
  name: 'stack-test',
  portOffset: 3000,
  environment,
  databases: [
    { side: 'left', engine: 'postgres', database: 'left_db' },
    { side: 'right', engine: 'mysql', database: 'right_db' },
  ],
  servers: { redis: false, queues: ['right'] },
});

let variables: Variables;

const variable = (name: string): string => {
  const value = variables[name];
  if (!value) throw new Error(`${name} is not in the env file`);
  return value;
};

const pids = (): Record<string, number | undefined> =>
  Object.fromEntries(stack.status().map(({ part, pid }) => [part, pid]));

async function postgresSetting(name: string): Promise<unknown> {
  const client = new Client(variable('LEFT_ADMIN_URL'));
  await client.connect();
  try {
    const { rows } = await client.query<{ value: unknown }>('SELECT current_setting($1) AS value', [name]);
    return rows[0]?.value;
  } finally {
    await client.end();
  }
}

async function mysqlVariables(): Promise<Record<string, unknown>> {
  const connection = await createConnection(variable('RIGHT_ADMIN_URL'));
  try {
    const [rows] = await connection.query(
      'SELECT @@binlog_row_metadata AS metadata, @@gtid_mode AS mode, @@gtid_executed AS executed, @@max_allowed_packet AS packet, @@socket AS socket',
    );
    return (rows as Record<string, unknown>[])[0] ?? {};
  } finally {
    await connection.end();
  }
}

beforeAll(async () => {
  await stack.down({ wipe: true });
  variables = await stack.up();
}, limit);

afterAll(() => stack.down({ wipe: true }), limit);

test('the env file holds what up returned', () => {
  expect(readEnvFile(stack.folders.env)).toEqual(variables);
  expect(Object.keys(variables).toSorted()).toEqual([
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'CONNECT_URL',
    'KAFKA_BROKERS',
    'LEFT_ADMIN_URL',
    'LEFT_DATABASE_URL',
    'RIGHT_ADMIN_URL',
    'RIGHT_DATABASE_URL',
    'RIGHT_QUEUE_URL',
    'SQS_ENDPOINT',
    'TEMPORAL_ADDRESS',
    'TEMPORAL_UI_URL',
  ]);
  expect(existsSync(stack.folders.versions)).toBe(true);
});

test('PostgreSQL decodes logically, in UTC', async () => {
  await expect(postgresSetting('wal_level')).resolves.toBe('logical');
  await expect(postgresSetting('TimeZone')).resolves.toBe('UTC');
});

test('MySQL logs full rows under GTIDs, and has logged one', async () => {
  await expect(mysqlVariables()).resolves.toMatchObject({
    metadata: 'FULL',
    mode: 'ON',
    executed: expect.stringMatching(/:1/),
    packet: 64 * 1024 * 1024,
    // Its lock would name a process, and keep a server from starting when another one has that number.
    socket: '',
  });
});

test('Kafka Connect offers a connector for each engine', async () => {
  const answer = await fetch(`${variable('CONNECT_URL')}/connector-plugins`);
  await expect(answer.json()).resolves.toEqual(
    expect.arrayContaining([
      expect.objectContaining({ class: 'io.debezium.connector.postgresql.PostgresConnector' }),
      expect.objectContaining({ class: 'io.debezium.connector.mysql.MySqlConnector' }),
    ]),
  );
});

test("Temporal's Web UI answers", async () => {
  const answer = await fetch(variable('TEMPORAL_UI_URL'));
  expect(answer.status).toBe(200);
});

test('a second up leaves every server alone', async () => {
  const before = pids();
  await expect(stack.up()).resolves.toEqual(variables);
  expect(pids()).toEqual(before);
});

test(
  'up repairs what was killed and keeps the data',
  async () => {
    const before = pids();
    for (const part of ['postgres', 'mysql', 'kafka', 'temporal']) process.kill(before[part] ?? 0, 'SIGKILL');
    await stack.up();
    const after = pids();
    expect(after['connect']).toBe(before['connect']);
    for (const part of ['postgres', 'mysql', 'kafka', 'temporal']) expect(after[part]).not.toBe(before[part]);
    await expect(postgresSetting('wal_level')).resolves.toBe('logical');
    await expect(mysqlVariables()).resolves.toMatchObject({ executed: expect.stringMatching(/:1/) });
  },
  limit,
);

test(
  'a queue keeps what it has taken when its server is killed',
  async () => {
    const client = createSqs({
      region: 'us-east-1',
      endpoint: variable('SQS_ENDPOINT'),
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const url = variable('RIGHT_QUEUE_URL');
    const queue = new SqsQueue(client, url);
    expect(await queue.state()).toMatchObject({ visibilitySeconds: 30, maxReceiveCount: 20 });
    for (const body of ['one', 'two', 'three'])
      await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
    process.kill(pids()['elasticmq'] ?? 0, 'SIGKILL');
    await stack.up();
    expect(await queue.state()).toMatchObject({ messages: 3, visibilitySeconds: 30, maxReceiveCount: 20 });
    client.destroy();
  },
  limit,
);

test(
  'down leaves no process and no addresses',
  async () => {
    await stack.down();
    expect(commandsIn(stack.folders.home)).toEqual([]);
    expect(existsSync(stack.folders.env)).toBe(false);
    expect(stack.status().every(({ state }) => state === 'stopped')).toBe(true);
  },
  limit,
);

test(
  'PostgreSQL is fetched where PATH is to be ignored',
  async () => {
    await stack.down({ wipe: true });
    const fetching = openStack({
      name: stack.name,
      portOffset: 3000,
      databases: [{ side: 'left', engine: 'postgres', database: 'left_db' }],
      environment: { ...environment, TANDEM_STACK_IGNORE_PATH: '1' },
    });
    variables = await fetching.up({ only: ['postgres'] });
    await expect(postgresSetting('max_active_replication_origins')).resolves.toBe('200');
    await fetching.down({ wipe: true });
  },
  limit,
);
