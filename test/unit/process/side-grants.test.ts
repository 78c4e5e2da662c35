import { expect, test } from '@jest/globals';
import { Environment } from '../../../src/process/config/environment.ts';
import { loadSettings } from '../../../src/process/config/settings.ts';
import { resolveSides } from '../../../src/process/config/sides.ts';
import { aclCommand, kafkaAcls } from '../../../src/process/kafka-acls.ts';
import { loadPipeline } from '../../../src/process/pipelines.ts';
import { sideGrants } from '../../../src/process/side-grants.ts';

const environment = new Environment({
  LEGACY_DATABASE_URL: 'postgres://tandem:p%27w@h/legacy_db',
  REVAMP_DATABASE_URL: 'mysql://tandem:secret@h/revamp_db',
  REPLICA_DATABASE_URL: 'mysql://tandem:secret@h/main',
  DIALLER_DATABASE_URL: 'postgres://tandem:secret@h/dialler',
  LEGACY_CDC_USER: 'reader',
  KAFKA_BROKERS: 'k:9092',
});

async function grants(pipelineName: string, side: string) {
  const pipeline = await loadPipeline(pipelineName);
  return sideGrants(pipeline, resolveSides(pipeline, environment).get(side)!, environment);
}

test('logins are named as the settings name them, and no password is told', async () => {
  const found = await grants('blog', 'legacy');
  expect(found.map(({ role, name }) => [role, name])).toEqual([
    ['sync', 'tandem'],
    ['capture', 'reader'],
    ['migration', 'tandem_migrator'],
    ['operator', 'tandem_operator'],
  ]);
  expect(JSON.stringify([found, await grants('blog', 'revamp')])).not.toMatch(/secret|p'w|p%27w/);
});

test('a side that is only read is only read, and has no ledger', async () => {
  const found = await grants('dialler', 'replica');
  expect(found.map(({ role }) => role)).toEqual(['sync', 'capture', 'operator']);
  const text = found.flatMap(({ statements, marks, ledger }) => [...statements, ...marks, ...ledger]).join();
  expect(text).not.toMatch(/INSERT|UPDATE|DELETE|tandem`\./);
  expect(text).toContain('GRANT SELECT ON `main`.`claims`');
});

test('a side that nothing is captured on needs no login of a connector', async () => {
  const found = await grants('dialler', 'dialler');
  expect(found.map(({ role }) => role)).toEqual(['sync', 'migration', 'operator']);
});

test('what Kafka is asked for has the names that the processes use', async () => {
  const pipeline = await loadPipeline('blog');
  const acls = await kafkaAcls(pipeline, loadSettings(environment), environment);
  const told = acls.map(
    ({ role, resource, names, operations }) => `${role} ${operations.join()} ${resource} ${names.join()}`,
  );
  const changes = [
    ...['users', 'posts', 'likes'].map((each) => `legacy.public.legacy_${each}`),
    ...['users', 'posts', 'likes'].map((each) => `revamp.revamp_db.revamp_${each}`),
  ].join();
  expect(told).toEqual([
    `ingest Read,DescribeConfigs topic ${changes}`,
    'ingest Read group sync-service-legacy,sync-service-revamp',
    'ingest Describe group sync-service-legacy.rewound,sync-service-revamp.rewound',
    `worker Read,DescribeConfigs topic ${changes}`,
    'worker Write topic sync.dlq',
    'worker Describe group sync-service-legacy,sync-service-revamp',
    'worker Read,Delete group tandem-read-',
    `connectors Create,Describe topic ${changes},sync.dlq`,
    `connect Write,Create,DescribeConfigs topic ${changes},__debezium-heartbeat.legacy,__debezium-heartbeat.revamp`,
    'connect Read,Write,Create,DescribeConfigs topic revamp.schema-history',
    'connect Read group revamp-schemahistory',
  ]);
  expect(aclCommand(acls.find(({ prefixed }) => prefixed)!).replaceAll(/\s+\\\s+/g, ' ')).toBe(
    `kafka-acls.sh --bootstrap-server "$KAFKA_BROKERS" --add --allow-principal User:tandem_worker --operation Read --operation Delete --group 'tandem-read-' --resource-pattern-type prefixed`,
  );
});
