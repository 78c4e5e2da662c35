import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ConfigError } from '../../../src/errors/config-error.ts';
import { Environment } from '../../../src/process/config/environment.ts';
import { loadSettings } from '../../../src/process/config/settings.ts';
import { loadPipeline } from '../../../src/process/pipelines.ts';
import { readConnectors, refuseSecrets } from '../../../src/process/connectors/definition.ts';
import { withSchemaHistory } from '../../../src/process/connectors/schema-history.ts';
import { connectorVariables } from '../../../src/process/connectors/variables.ts';
import { failureCause } from '../../../src/process/connectors/failure-cause.ts';

describe('readConnectors', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-definition-'));
    const config = {
      host: '${DB_HOST}',
      user: '${DB_USER:-debezium}',
      password: '${DB_PASSWORD:-${env:DB_PASSWORD}}',
      list: '${DB_NAME}.a,${DB_NAME}.b',
      secret: '${file:/run/secrets:password}',
      regex: 'x\\..*$',
      optional: '${DB_MORE:-}',
    };
    await writeFile(join(folder, 'one.json'), JSON.stringify({ name: 'one', config }));
    await writeFile(join(folder, 'notes.txt'), 'not a connector');
  });

  afterEach(() => rm(folder, { recursive: true }));

  const variables = (values: Record<string, string>) => (name: string) => values[name];

  test('fills what the environment names, and leaves Kafka Connect its own placeholders', async () => {
    const [one] = await readConnectors(['one'], variables({ DB_HOST: 'h', DB_NAME: 'd' }), folder);
    expect(one).toEqual({
      name: 'one',
      config: {
        host: 'h',
        user: 'debezium',
        password: '${env:DB_PASSWORD}',
        list: 'd.a,d.b',
        secret: '${file:/run/secrets:password}',
        regex: 'x\\..*$',
      },
    });
  });

  test('names every variable and every connector that is missing', async () => {
    const failure: unknown = await readConnectors(['one', 'two'], variables({}), folder).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ConfigError);
    expect((failure as ConfigError).problems).toEqual([
      'DB_HOST: must be set for connector one (one.json)',
      'DB_NAME: must be set for connector one (one.json)',
      `connector two: no file in ${folder} has that name`,
    ]);
  });
});

test('a secret is refused where it would be shown, and its place is not', () => {
  const shown = { 'database.password': 'p', 'history.producer.sasl.jaas.config': 'login "p";' };
  const config = { 'database.user': 'u', 'ssl.truststore.password': '${file:/f:key}', ...shown };
  const refused = () => {
    refuseSecrets([{ name: 'one', config }]);
  };
  expect(refused).toThrow(ConfigError);
  expect(refused).toThrow(/one: database\.password would be shown[\s\S]*one: history\.producer\.sasl\.jaas/);
  expect(() => {
    refuseSecrets([
      {
        name: 'one',
        config: { ...config, ...Object.fromEntries(Object.keys(shown).map((key) => [key, '${env:P}'])) },
      },
    ]);
  }).not.toThrow();
});

describe('connectorVariables', () => {
  test.each([
    [{}, 'filter,epoch'],
    [{ CONNECTOR_FILTER: 'false' }, 'epoch'],
  ])('%j gives the transformations %s, which every connector takes', async (own, transforms) => {
    const urls = { LEGACY_DATABASE_URL: 'postgres://u@h/d', REVAMP_DATABASE_URL: 'mysql://u@h/d' };
    const environment = new Environment({ ...urls, ...own });
    const pipeline = await loadPipeline('blog');
    const variable = connectorVariables(pipeline, loadSettings(environment), environment);
    for (const { config } of await readConnectors(['blog-legacy', 'blog-revamp'], variable))
      expect(config['transforms']).toBe(transforms);
  });
});

describe('what connectors verify', () => {
  const file = import.meta.filename;
  const urls = {
    LEGACY_DATABASE_URL: `postgres://u@h/d?sslrootcert=${file}`,
    REVAMP_DATABASE_URL: `mysql://u@h/d?ssl-ca=${file}`,
  };

  async function configs(own: Record<string, string>) {
    const environment = new Environment({ ...urls, ...own });
    const settings = loadSettings(environment);
    const variable = connectorVariables(await loadPipeline('blog'), settings, environment);
    const [legacy, revamp] = (await readConnectors(['blog-legacy', 'blog-revamp'], variable)).map(
      (connector) => withSchemaHistory(connector, settings, variable).config,
    );
    return { legacy: legacy!, revamp: revamp! };
  }

  test('is what the sides verify', async () => {
    const store = { REVAMP_CDC_TRUSTSTORE: '/trust.p12', REVAMP_CDC_TRUSTSTORE_PASSWORD: 'p' };
    const { legacy, revamp } = await configs(store);
    expect(legacy).toMatchObject({ 'database.sslmode': 'verify-full', 'database.sslrootcert': file });
    expect(revamp).toMatchObject({
      'database.ssl.mode': 'verify_identity',
      'database.ssl.truststore': '/trust.p12',
      'database.ssl.truststore.password': 'p',
    });
  });

  test('may be set for where Kafka Connect runs', async () => {
    const { legacy } = await configs({
      LEGACY_CDC_SSLMODE: 'verify-ca',
      LEGACY_CDC_SSLROOTCERT: '/elsewhere',
    });
    expect(legacy).toMatchObject({ 'database.sslmode': 'verify-ca', 'database.sslrootcert': '/elsewhere' });
  });

  test('holds for the schema history, whose login Kafka Connect knows', async () => {
    const plain = await configs({});
    expect(Object.keys(plain.revamp).filter((key) => /history.*(security|sasl)/.test(key))).toEqual([]);
    const { legacy, revamp } = await configs({
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: file,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD: 'p"w',
    });
    expect(Object.keys(legacy).filter((key) => key.includes('history'))).toEqual([]);
    for (const client of ['producer', 'consumer'])
      expect(revamp).toMatchObject({
        [`schema.history.internal.${client}.security.protocol`]: 'SASL_SSL',
        [`schema.history.internal.${client}.ssl.truststore.location`]: file,
        [`schema.history.internal.${client}.sasl.mechanism`]: 'SCRAM-SHA-512',
        [`schema.history.internal.${client}.sasl.jaas.config`]: '${env:CONNECT_KAFKA_JAAS}',
      });
    const own = await configs({ KAFKA_SSL: 'true', CONNECT_KAFKA_CA_PATH: '/elsewhere' });
    expect(own.revamp).toMatchObject({
      'schema.history.internal.producer.security.protocol': 'SSL',
      'schema.history.internal.producer.ssl.truststore.location': '/elsewhere',
    });
  });
});

describe('failureCause', () => {
  test('keeps the exceptions, outermost first, without what may be a row', () => {
    const trace = [
      'org.apache.kafka.connect.errors.ConnectException: Tolerance exceeded in error handler',
      '\tat org.apache.kafka.connect.runtime.Worker.run(Worker.java:1)',
      "Caused by: io.debezium.DebeziumException: Error while evaluating expression 'value.x == 1' for record 'SourceRecord{value=Struct{email=ada@example.com}}'",
      '\tat io.debezium.Filter.apply(Filter.java:2)',
      'Caused by: org.postgresql.util.PSQLException: ERROR: duplicate key value violates unique constraint "email"',
      '  Detail: Key (email)=(ada@example.com) already exists.',
      "Caused by: java.sql.SQLException: Data truncation: Incorrect integer value: 'ada' for column 'age' at row 1",
      'Caused by: java.lang.NullPointerException',
      '\t... 12 more',
    ].join('\n');
    expect(failureCause(trace)).toEqual([
      'ConnectException: Tolerance exceeded in error handler',
      "DebeziumException: Error while evaluating expression 'value.x",
      'PSQLException: ERROR: duplicate key value violates unique constraint "email"',
      'SQLException: Data truncation: Incorrect integer',
      'NullPointerException',
    ]);
  });

  test('of a text that is no trace nothing is shown', () => {
    expect(failureCause('ada@example.com\n')).toEqual([]);
  });
});
