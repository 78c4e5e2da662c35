import { expect, test } from '@jest/globals';
import { parts } from '../../../src/stack/catalogue.ts';
import { stackFolders } from '../../../src/stack/folders.ts';
import { selectParts, survey } from '../../../src/stack/survey.ts';

const survey1 = (environment: NodeJS.ProcessEnv, queues: readonly string[] = []) =>
  survey({
    stack: 'main',
    folders: stackFolders('/nowhere', 'main'),
    parts,
    servers: { redis: false, queues },
    portOffset: 0,
    environment,
    databases: [
      { side: 'claims', engine: 'mysql', database: 'claims_db' },
      { side: 'call-centre', engine: 'postgres', database: 'calls' },
      { side: 'archive', engine: 'postgres', database: 'archive' },
    ],
  });

test('variables derive from the sides, whatever they are called', () => {
  const { context, own, unneeded } = survey1({});
  expect(context.addresses).toMatchObject({
    CLAIMS_DATABASE_URL: 'mysql://sync_service:sync_service@127.0.0.1:13306/claims_db',
    CALL_CENTRE_ADMIN_URL: 'postgres://postgres:postgres@127.0.0.1:15432/calls',
    KAFKA_BROKERS: '127.0.0.1:19092',
    CONNECT_URL: 'http://127.0.0.1:18083',
    TEMPORAL_ADDRESS: '127.0.0.1:17233',
    TEMPORAL_UI_URL: 'http://127.0.0.1:17280',
  });
  expect(own.map(({ name }) => name)).toEqual(['postgres', 'mysql', 'kafka', 'connect', 'temporal']);
  expect(unneeded.map(({ name }) => name)).toEqual(['redis', 'elasticmq']);
});

test('a side that is read from a queue gets one, unless it is given', () => {
  const { context, own } = survey1({}, ['claims']);
  expect(context.addresses).toMatchObject({
    CLAIMS_QUEUE_URL: 'http://127.0.0.1:19324/000000000000/tandem-claims',
    SQS_ENDPOINT: 'http://127.0.0.1:19324',
    AWS_ACCESS_KEY_ID: 'local',
  });
  expect(own.map(({ name }) => name)).toContain('elasticmq');

  const given = survey1({ CLAIMS_QUEUE_URL: 'https://sqs.example/1/claims', AWS_ACCESS_KEY_ID: 'mine' }, [
    'claims',
  ]);
  expect(given.own.map(({ name }) => name)).not.toContain('elasticmq');
  expect(given.context.addresses).toMatchObject({
    CLAIMS_QUEUE_URL: 'https://sqs.example/1/claims',
    AWS_ACCESS_KEY_ID: 'mine',
  });
  expect(given.context.addresses).not.toHaveProperty('SQS_ENDPOINT');
});

test('what is given is not started, and its address passed on', () => {
  const { context, own } = survey1({
    KAFKA_BROKERS: 'kafka:9092',
    CLAIMS_DATABASE_URL: 'mysql://a@b/c',
    CLAIMS_ADMIN_URL: 'mysql://root@b/c',
    TEMPORAL_ADDRESS: 'temporal:7233',
  });
  expect(own.map(({ name }) => name)).toEqual(['postgres', 'connect']);
  expect(context.addresses).toMatchObject({ KAFKA_BROKERS: 'kafka:9092', TEMPORAL_ADDRESS: 'temporal:7233' });
  expect(context.addresses).not.toHaveProperty('TEMPORAL_UI_URL');
});

test('a server with one side given still serves the other', () => {
  const { context, own } = survey1({
    ARCHIVE_DATABASE_URL: 'postgres://x/y',
    ARCHIVE_ADMIN_URL: 'postgres://x/z',
  });
  expect(own.map(({ name }) => name)).toContain('postgres');
  expect(context.databases.map(({ side }) => side)).toEqual(['claims', 'call-centre']);
});

test('a selection brings what it depends on, and refuses a name that is none', () => {
  expect(selectParts(parts, ['connect']).map(({ name }) => name)).toEqual(['kafka', 'connect']);
  expect(selectParts(parts, undefined)).toBe(parts);
  expect(() => selectParts(parts, ['mongo'])).toThrow(/no part 'mongo'; it has postgres, mysql/);
});

test('stacks a thousand ports apart never meet', () => {
  const endings = parts.flatMap(({ ports }) => ports).map(({ base }) => base % 1000);
  expect(new Set(endings).size).toBe(endings.length);
});
