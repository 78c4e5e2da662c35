import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ConfigError } from '../../../src/errors/config-error.ts';
import { Environment } from '../../../src/process/config/environment.ts';
import { kafkaConnection } from '../../../src/process/config/kafka.ts';
import { loadSettings, retryLimits } from '../../../src/process/config/settings.ts';
import { sqsConnection } from '../../../src/process/config/sqs.ts';
import { temporalServer } from '../../../src/process/config/temporal.ts';

const settings = (...layers: Record<string, string>[]) => loadSettings(new Environment(...layers));

function problems(...layers: Record<string, string>[]): readonly string[] {
  try {
    settings(...layers);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('everything has a default or is null', () => {
  expect(settings({})).toMatchObject({
    maxRetries: 3,
    maxInFlight: 5000,
    maxWaiting: 20_000,
    metricsPort: 8080,
    healthPort: 8081,
    deadLetterTopic: 'sync.dlq',
    saslMechanism: null,
  });
  expect(retryLimits(settings({}))).toEqual({ maxRetries: 3, waitingDeadlineMs: 600_000 });
});

test.each([
  [
    'KAFKA_BROKERS',
    'KAFKA_BOOTSTRAP_SERVERS',
    'a:1,b:2',
    'c:3',
    (s: ReturnType<typeof settings>) => s.brokers,
    ['a:1', 'b:2'],
  ],
  ['SYNC_MAX_RETRY_ATTEMPTS', 'MAX_RETRIES', '5', '6', (s: ReturnType<typeof settings>) => s.maxRetries, 5],
] as const)('%s and %s are one setting', (name, alias, value, other, read, parsed) => {
  expect(read(settings({ [name]: value }))).toEqual(parsed);
  expect(read(settings({ [alias]: value }))).toEqual(parsed);
  expect(read(settings({ [name]: value, [alias]: value }))).toEqual(parsed);
  expect(problems({ [name]: value, [alias]: other })).toEqual([
    `${name}: differs from ${alias}, which is the same setting; keep one of them`,
  ]);
});

test('a stronger layer hides the alias in a weaker one', () => {
  expect(settings({ KAFKA_BOOTSTRAP_SERVERS: 'own:1' }, { KAFKA_BROKERS: 'stack:2' }).brokers).toEqual([
    'own:1',
  ]);
});

test('keys come from their variable or a file; the codec server is not open to others without a token', () => {
  const key = randomBytes(32).toString('base64');
  const file = join(mkdtempSync(join(tmpdir(), 'tandem-keys-')), 'keys');
  try {
    writeFileSync(file, `# none\n`);
    expect(problems({ PAYLOAD_KEYS_FILE: file })).toEqual([
      'PAYLOAD_KEYS: part 1 is not ID:KEY, with an id of letters, digits, "_", "." and "-"',
    ]);
    writeFileSync(file, `b:${key}\na:${key}\n`);
    const { keys } = temporalServer(settings({ PAYLOAD_KEYS_FILE: file }));
    expect([keys.encrypting, keys.byId.size]).toEqual(['b', 2]);
    expect(problems({ PAYLOAD_KEYS_FILE: file, PAYLOAD_KEYS: `a:${key}` })).toEqual([
      'PAYLOAD_KEYS: set it or PAYLOAD_KEYS_FILE, not both',
    ]);
  } finally {
    rmSync(dirname(file), { recursive: true });
  }
  expect(problems({ PAYLOAD_KEYS_FILE: file })).toEqual(['PAYLOAD_KEYS_FILE: cannot be read (ENOENT)']);
  expect(temporalServer(settings({})).keys.encrypting).toBeNull();
  const open = 'CODEC_TOKEN: must be set, or CODEC_ISSUER, since CODEC_HOST is not a loopback address';
  expect(problems({ CODEC_HOST: '0.0.0.0' })).toEqual([open]);
  expect(problems({ CODEC_HOST: '::1' })).toEqual([]);
  expect(problems({ CODEC_HOST: '0.0.0.0', CODEC_TOKEN: '0123456789abcdef' })).toEqual([]);
  expect(problems({ ENDPOINTS_HOST: '0.0.0.0' })).toEqual([
    'ENDPOINTS_TOKEN: must be set, or HTTP_TLS_CLIENT_CA_FILE, since ENDPOINTS_HOST is not a loopback address',
  ]);
  expect(problems({ ENDPOINTS_HOST: '0.0.0.0', ENDPOINTS_TOKEN: '0123456789abcdef' })).toEqual([]);
  expect(problems({ CODEC_ISSUER: 'https://issuer.example' })).toEqual([
    'CODEC_AUDIENCE: must be set with CODEC_ISSUER, and not without it',
  ]);
  expect(settings({ CODEC_ORIGINS: 'https://ui.example/, http://x:1' }).codecOrigins).toEqual([
    'https://ui.example',
    'http://x:1',
  ]);
});

test('an empty variable is unset', () => {
  expect(settings({ METRICS_PORT: '' }, { METRICS_PORT: '9000' }).metricsPort).toBe(9000);
});

test('all wrong values are told at once, by name, and never repeated', () => {
  const found = problems({
    METRICS_PORT: 'secret-http',
    KAFKA_BROKERS: 'secret-host',
    LOG_LEVEL: 'secret-loud',
    SYNC_MAX_IN_FLIGHT: '0',
    CONNECT_URL: 'secret-url',
    MAX_RETRIES: '-1',
  });
  expect(new Set(found.map((line) => line.split(':')[0]))).toEqual(
    new Set([
      'CONNECT_URL',
      'KAFKA_BROKERS',
      'LOG_LEVEL',
      'MAX_RETRIES',
      'METRICS_PORT',
      'SYNC_MAX_IN_FLIGHT',
    ]),
  );
  expect(found.join('\n')).not.toContain('secret');
});

const kafkaLogin = { KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' };

test.each([
  [{ KAFKA_SASL_MECHANISM: 'scram-sha-256' }, ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD']],
  [{ KAFKA_SASL_PASSWORD: 'x' }, ['KAFKA_SASL_MECHANISM']],
  [{ KAFKA_SSL_CA_FILE: '/nowhere', KAFKA_SSL: 'true' }, ['KAFKA_SSL_CA_FILE']],
  [{ KAFKA_SSL_CA_FILE: '/' }, ['KAFKA_SSL_CA_FILE']],
  [{ KAFKA_SASL_MECHANISM: 'plain', ...kafkaLogin }, ['KAFKA_SASL_MECHANISM']],
  [{ KAFKA_SASL_MECHANISM: 'plain', ...kafkaLogin, KAFKA_SSL: 'true' }, []],
  [{ TEMPORAL_API_KEY: 'x' }, ['TEMPORAL_API_KEY']],
  [
    { TEMPORAL_TLS: 'true', TEMPORAL_TLS_CLIENT_CERT_PATH: '/' },
    ['TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH'],
  ],
  [{ REDIS_TLS_CA_FILE: '/' }, ['REDIS_TLS_CA_FILE']],
  [{ REDIS_TLS_CA_FILE: '/', REDIS_URL: 'rediss://h' }, []],
  [{ HTTP_TLS_CLIENT_CA_FILE: '/' }, ['HTTP_TLS_CLIENT_CA_FILE']],
  [{ METRICS_PORT: '7000', HEALTH_PORT: '7000' }, ['HEALTH_PORT']],
  [{ SYNC_WORKER_SLOTS: '20' }, ['SYNC_WORKER_SLOTS']],
  [{ LEDGER_RETENTION_DAYS: '6' }, ['LEDGER_RETENTION_DAYS']],
  [{ TOPIC_RETENTION_DAYS: '32' }, ['LEDGER_RETENTION_DAYS']],
] as const)('%j contradicts', (environment, names) => {
  expect(problems(environment).map((line) => line.split(':')[0])).toEqual(names);
});

test('a secret may come from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-secret-'));
  const file = join(folder, 'password');
  writeFileSync(file, 'from a file\n');
  const login = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'u' };
  expect(settings({ ...login, KAFKA_SASL_PASSWORD_FILE: file }).saslPassword).toBe('from a file');
  expect(problems({ ...login, KAFKA_SASL_PASSWORD_FILE: file, KAFKA_SASL_PASSWORD: 'x' })).toEqual([
    'KAFKA_SASL_PASSWORD: set it or KAFKA_SASL_PASSWORD_FILE, not both',
  ]);
  writeFileSync(file, '\n');
  expect(problems({ ...login, KAFKA_SASL_PASSWORD_FILE: file })).toEqual([
    'KAFKA_SASL_PASSWORD_FILE: is empty',
  ]);
  rmSync(folder, { recursive: true });
  expect(problems({ ...login, KAFKA_SASL_PASSWORD_FILE: file })).toEqual([
    'KAFKA_SASL_PASSWORD_FILE: cannot be read (ENOENT)',
  ]);
});

test('two servers may both take any free port', () => {
  expect(problems({ METRICS_PORT: '0', HEALTH_PORT: '0' })).toEqual([]);
});

test('the login for Kafka becomes what kafkajs takes', () => {
  const connection = kafkaConnection(
    settings({
      KAFKA_SSL: 'true',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'u',
      KAFKA_SASL_PASSWORD: 'p',
    }),
  );
  expect(connection).toMatchObject({
    ssl: {},
    sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
  });
  expect(kafkaConnection(settings({}))).toEqual({ brokers: ['localhost:29092'] });
});

test('a key for SQS is whole, or there is none', () => {
  expect(sqsConnection(settings({}))).toEqual({ region: 'us-east-1' });
  const key = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
  expect(sqsConnection(settings({ ...key, SQS_ENDPOINT: 'http://h:1/' }))).toEqual({
    region: 'us-east-1',
    endpoint: 'http://h:1',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
  });
  expect(problems({ AWS_ACCESS_KEY_ID: 'id' })).toEqual([
    'AWS_SECRET_ACCESS_KEY: must be set with AWS_ACCESS_KEY_ID',
  ]);
  expect(problems({ AWS_SECRET_ACCESS_KEY: 'secret' })).toEqual([
    'AWS_ACCESS_KEY_ID: must be set with AWS_SECRET_ACCESS_KEY',
  ]);
});

test('headers for traces are read as OpenTelemetry writes them', () => {
  const read = (value: string) => settings({ OTEL_EXPORTER_OTLP_HEADERS: value }).otlpHeaders;
  expect(read('api-key=abc%3D1, x-team = sync')).toEqual({ 'api-key': 'abc=1', 'x-team': 'sync' });
  for (const wrong of ['secret', '=secret', 'a=1,b', 'a=%'])
    expect(problems({ OTEL_EXPORTER_OTLP_HEADERS: wrong })).toEqual([
      'OTEL_EXPORTER_OTLP_HEADERS: must be name=value, several separated by commas',
    ]);
});

test('the share of traces is a number from 0 to 1', () => {
  expect(settings({ OTEL_TRACES_SAMPLER_ARG: '0.25' }).otlpRatio).toBe(0.25);
  expect(problems({ OTEL_TRACES_SAMPLER_ARG: '1.5' })).toEqual([
    'OTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1',
  ]);
});
