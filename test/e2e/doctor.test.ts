import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tables } from '../../src/doctor/checks/tables.ts';
import { configOf } from '../../src/doctor/topic-config.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';
import { Environment } from '../../src/process/config/environment.ts';
import { askKafka } from '../../src/process/ask-kafka.ts';
import { loadSettings } from '../../src/process/config/settings.ts';
import { temporalServer } from '../../src/process/config/temporal.ts';
import { loadPipeline } from '../../src/process/pipelines.ts';
import { prepareDatabases } from '../../src/process/prepare.ts';
import { temporalConnection } from '../../src/process/temporal-server.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';
import { examine as examineAll, fixAll } from '../support/examine.ts';
import { testAddresses } from '../support/test-stack.ts';

let legacy: TestDatabase;
let revamp: TestDatabase;
let pipeline: CompiledPipeline;
let environment: Environment;

beforeAll(async () => {
  await buildCli();
  [legacy, revamp] = await Promise.all([
    freshDatabase('postgres', { migrated: false }),
    freshDatabase('mysql', { migrated: false }),
  ]);
  environment = new Environment(
    {
      LEGACY_DATABASE_URL: legacy.url,
      LEGACY_ADMIN_URL: legacy.adminUrl,
      REVAMP_DATABASE_URL: revamp.url,
      REVAMP_ADMIN_URL: revamp.adminUrl,
    },
    testAddresses(),
  );
  pipeline = await loadPipeline('blog');
  await prepareDatabases(pipeline, environment, { sample: false });
});

afterAll(async () => {
  await legacy?.[Symbol.asyncDispose]();
  await revamp?.[Symbol.asyncDispose]();
});

const examine = (own: Environment = environment, examined: CompiledPipeline = pipeline) =>
  examineAll(own, examined);

const unwell = (findings: readonly Finding[] | undefined) =>
  (findings ?? [])
    .filter(({ status }) => status !== 'ok')
    .map(({ status, subject }) => `${status} ${subject}`);

test('prepared databases have nothing that fails, and what is not there yet is told', async () => {
  const found = await examine();
  for (const name of [
    'connectivity',
    'versions',
    'log',
    'privileges',
    'excess',
    'tables',
    'ledger',
    'temporal',
  ])
    expect({ name, unwell: unwell(found.get(name)) }).toEqual({ name, unwell: [] });
  expect(unwell(found.get('columns')).filter((line) => line.startsWith('fail'))).toEqual([]);
  // this database is no topic's
  expect(unwell(found.get('topics'))).toContain(`fail revamp.${revamp.name}.revamp_users`);
});

test('the cache is looked at where a pipeline uses it', async () => {
  const cached = { ...pipeline, cache: true };
  const connectivity = async (own?: Environment) => (await examine(own, cached)).get('connectivity')!;
  expect(await connectivity()).toContainEqual(expect.objectContaining({ status: 'ok', subject: 'cache' }));
  const away = environment.below({ REDIS_URL: testAddresses()['REDIS_URL']!.replace(/:\d+$/, ':9') });
  expect(unwell(await connectivity(away))).toEqual(['fail cache']);
});

test('what an operator breaks is told, each with what to run', async () => {
  await legacy.query('ALTER TABLE legacy_users DROP COLUMN full_name CASCADE');
  await legacy.query('ALTER TABLE legacy_posts REPLICA IDENTITY DEFAULT, ENABLE TRIGGER zz_tandem_1_insert');
  await legacy.query('REVOKE DELETE ON legacy_likes FROM sync_service');
  await revamp.query('DROP TRIGGER revamp_posts_tandem_delete_v1');
  await revamp.query('ALTER TABLE revamp_users ADD COLUMN badge INT NOT NULL, MODIFY mobile VARCHAR(10)');
  const found = await examine();
  expect(unwell(found.get('tables'))).toEqual(
    expect.arrayContaining([
      'fail legacy: replica identity of legacy_posts',
      'fail legacy: INSERT trigger on legacy_posts',
      'fail revamp: DELETE trigger on revamp_posts',
    ]),
  );
  expect(unwell(found.get('privileges'))).toEqual(['fail legacy: privileges on legacy_likes']);
  expect(unwell(found.get('columns'))).toEqual(
    expect.arrayContaining([
      'fail legacy: legacy_users.full_name',
      'fail revamp: revamp_users.badge',
      'warn legacy: legacy_users.phone_number to revamp_users.mobile',
    ]),
  );
  for (const finding of [...found.values()].flat())
    if (finding.status === 'fail' || finding.status === 'warn') expect(finding.repair).toBeTruthy();
});

test('what only adds is repaired, and the next look finds it well', async () => {
  await using bare = await freshDatabase('postgres', { migrated: false });
  const namespace = `fixed-${revamp.name.slice(-8)}`;
  const deadLetterTopic = `${revamp.name}.dlq`;
  const variables = {
    ...testAddresses(),
    TEMPORAL_NAMESPACE: namespace,
    DLQ_TOPIC: deadLetterTopic,
    LEGACY_DATABASE_URL: bare.url,
    LEGACY_ADMIN_URL: bare.adminUrl,
    REVAMP_DATABASE_URL: revamp.url,
    REVAMP_ADMIN_URL: revamp.adminUrl,
  };
  const own = new Environment(variables);
  const settings = loadSettings(own);
  const temporal = await Connection.connect(temporalConnection(temporalServer(settings)));
  await temporal.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const admin = askKafka(settings, 'doctor-test', 5000).admin();
  await admin.connect();
  await admin.createTopics({
    topics: [
      {
        topic: deadLetterTopic,
        configEntries: [
          { name: 'retention.ms', value: '3600000' },
          { name: 'max.message.bytes', value: '1000' },
          { name: 'segment.ms', value: '123456' },
        ],
      },
    ],
  });
  await legacy.query('ALTER TABLE legacy_likes REPLICA IDENTITY DEFAULT');
  await revamp.query('REVOKE SELECT ON tandem.local_tombstones FROM sync_service');
  await revamp.query('REVOKE TRANSACTION_GTID_TAG ON *.* FROM sync_service');
  const broken = ['temporal', 'topics', 'ledger', 'privileges'];
  const before = await examine(own);
  for (const name of broken)
    expect({ name, unwell: unwell(before.get(name)) }).not.toEqual({ name, unwell: [] });

  const command = ['doctor', 'blog', '--only', 'topics', '--json'];
  expect(await tandem(command, variables)).toMatchObject({ code: 1 });
  const repaired = await tandem([...command, '--fix'], variables);
  expect({ code: repaired.code, ...JSON.parse(repaired.stdout) }).toMatchObject({
    code: 0,
    ok: true,
    fixed: expect.arrayContaining(
      ['topics', `topic ${deadLetterTopic}: retention.ms`].map((subject) =>
        expect.objectContaining({ subject, failure: null }),
      ),
    ),
  });
  expect(repaired.stderr).toContain('repairing topics');

  const fixed = await fixAll(own, pipeline);
  expect(fixed.filter(({ failure }) => failure !== null)).toEqual([]);
  expect(fixed.map(({ subject }) => subject)).toEqual(
    expect.arrayContaining([
      `search attributes of namespace ${namespace}`,
      'blog/legacy: ledger',
      'blog/revamp: ledger',
    ]),
  );
  const after = await examine(own);
  for (const name of broken) expect({ name, unwell: unwell(after.get(name)) }).toEqual({ name, unwell: [] });
  // What the topic had of its own it still has.
  expect((await configOf(admin, deadLetterTopic)).get('segment.ms')).toBe('123456');
  expect(await fixAll(own, pipeline)).toEqual([]);

  await fixAll(environment, pipeline, [tables]);
  expect(unwell((await examine()).get('tables'))).not.toContain(
    'fail legacy: replica identity of legacy_likes',
  );
  await admin.disconnect();
  await temporal.close();
});

test('servers that are away are told once, and the rest is still looked at', async () => {
  const away = new Environment(
    { TEMPORAL_ADDRESS: '127.0.0.1:9', KAFKA_BROKERS: '127.0.0.1:9', CONNECT_URL: 'http://127.0.0.1:9' },
    { LEGACY_DATABASE_URL: 'postgres://u:topsecret@127.0.0.1:9/d', REVAMP_DATABASE_URL: revamp.url },
  );
  const found = await examine(away);
  expect(unwell(found.get('connectivity'))).toEqual([
    'fail legacy',
    'fail Kafka',
    'fail Kafka Connect',
    'fail Temporal',
  ]);
  expect(unwell(found.get('temporal'))).toEqual(['skip Temporal']);
  expect(unwell(found.get('topics'))).toEqual(['skip Kafka']);
  expect(unwell(found.get('log'))).toContain('skip legacy');
  expect(JSON.stringify([...found])).not.toContain('topsecret');
});
