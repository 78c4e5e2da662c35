import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Finding } from '../../src/doctor/finding.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';
import { Environment } from '../../src/process/config/environment.ts';
import { loadPipeline } from '../../src/process/pipelines.ts';
import { prepareDatabases } from '../../src/process/prepare.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';
import { examine as examineAll } from '../support/examine.ts';
import { testAddresses } from '../support/test-stack.ts';

let legacy: TestDatabase;
let revamp: TestDatabase;
let pipeline: CompiledPipeline;
let environment: Environment;

beforeAll(async () => {
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
  const away = new Environment(
    { REDIS_URL: 'redis://127.0.0.1:9', LEGACY_DATABASE_URL: legacy.url, REVAMP_DATABASE_URL: revamp.url },
    testAddresses(),
  );
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
