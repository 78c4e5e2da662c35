import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDatabase } from '../../src/database/open.ts';
import { connectPlain } from '../../src/database/plain-connection.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { packageRoot } from '../../src/package-root.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { endingOf } from '../../src/cli/exit.ts';
import { applyConnectors } from '../../src/process/connectors.ts';
import { loadPipeline } from '../../src/process/pipelines.ts';
import { askKafka } from '../../src/process/ask-kafka.ts';
import { Environment } from '../../src/process/config/environment.ts';
import { loadSettings } from '../../src/process/config/settings.ts';
import { temporalServer } from '../../src/process/config/temporal.ts';
import { reachTemporal } from '../../src/process/reach-temporal.ts';
import { connectTemporal } from '../../src/process/temporal.ts';
import { askRedis } from '../support/encrypted/ask-redis.ts';
import { encryptedAddresses, testPort } from '../support/encrypted/addresses.ts';
import { certificateFiles, certifiedUser } from '../support/encrypted/certificates.ts';
import type { CertificateFiles } from '../support/encrypted/certificates.ts';
import { certificateFolder } from '../support/encrypted/parts.ts';
import { temporalDoor } from '../support/encrypted/temporal-door.ts';
import type { TemporalDoor } from '../support/encrypted/temporal-door.ts';
import { eventually } from '../support/eventually.ts';
import { redis } from '../support/redis-caches.ts';
import { testAddresses, testStack } from '../support/test-stack.ts';

const secrets = ['wrong-secret', 'right-key', 'kafka-secret', 'sync_service:sync_service'];

let files: CertificateFiles;
let addresses: Record<string, string>;

beforeAll(() => {
  const { folders } = testStack();
  files = certificateFiles(certificateFolder(folders.home));
  addresses = encryptedAddresses(testAddresses(), folders);
});

/** What a server that is asked with these variables says, as an operator reads it. */
async function refusal(ask: (own: Record<string, string>) => Promise<void>, own: Record<string, string>) {
  const error: unknown = await ask(own).catch((thrown: unknown) => thrown);
  if (!(error instanceof Error)) throw new Error('it was not refused');
  const chain = [error.message, (error.cause as Error | undefined)?.message ?? ''].join('\n');
  for (const secret of secrets) expect(chain).not.toContain(secret);
  expect(error.message).not.toContain('\n');
  return error.message;
}

const untrusted = /its certificate is not signed by an authority that is trusted here; set /;
const expired = /its certificate has expired; renew it there/;
const otherName = /its certificate is for another host name; connect by a name that stands in it/;

describe.each(['postgres', 'mysql'] as const)('%s', (engine) => {
  const name = engine === 'postgres' ? 'PostgreSQL' : 'MySQL';
  const side = engine === 'postgres' ? 'LEGACY' : 'REVAMP';
  const word: Record<Engine, { authority: string; files: (of: CertificateFiles) => string }> = {
    postgres: {
      authority: 'sslrootcert',
      files: ({ client, clientKey }) => `sslcert=${client}&sslkey=${clientKey}`,
    },
    mysql: {
      authority: 'ssl-ca',
      files: ({ client, clientKey }) => `ssl-cert=${client}&ssl-key=${clientKey}`,
    },
  };
  let admin: PlainConnection;

  const url = () => new URL(addresses[`${side}_ADMIN_URL`]!);
  const changed = (change: (of: URL) => void): string => {
    const own = url();
    change(own);
    return own.href;
  };
  /** By the pool that Tandem works with, and by a connection of its own. */
  async function ask(own: Record<string, string>): Promise<void> {
    const database = openDatabase({ engine, side: 'any', url: own['url']!, poolSize: 1, originMarks: false });
    try {
      await database.ping();
    } finally {
      await database.close();
    }
    await (await connectPlain(engine, own['url']!)).close();
  }
  const certified = (of: URL): void => {
    of.username = certifiedUser;
    of.password = '';
    if (engine === 'postgres') of.pathname = '/postgres';
    else of.pathname = '/';
  };

  beforeAll(async () => {
    admin = await connectPlain(engine, url().href);
    await admin.query(
      engine === 'postgres'
        ? `CREATE ROLE ${certifiedUser} LOGIN`
        : `CREATE USER ${certifiedUser}@'%' REQUIRE X509`,
    );
  });
  afterAll(async () => {
    await admin.query(`DROP ${engine === 'postgres' ? 'ROLE' : 'USER'} ${certifiedUser}`);
    await admin.close();
  });

  test('the right certificate is taken, and the connection is encrypted', async () => {
    await ask({ url: url().href });
    const [row] = await admin.query(
      engine === 'postgres'
        ? 'SELECT ssl AS encrypted FROM pg_stat_ssl WHERE pid = pg_backend_pid()'
        : `SELECT VARIABLE_VALUE <> '' AS encrypted FROM performance_schema.session_status WHERE VARIABLE_NAME = 'Ssl_cipher'`,
    );
    expect(Boolean(row!['encrypted'])).toBe(true);
  });

  test('what it does not trust it refuses, and says what to do', async () => {
    const stranger = changed((of) => of.searchParams.set(word[engine].authority, files.stranger));
    expect(await refusal(ask, { url: stranger })).toMatch(
      new RegExp(`^${name}: ${untrusted.source}${word[engine].authority}`),
    );
    const byAddress = changed((of) => (of.hostname = '127.0.0.1'));
    expect(await refusal(ask, { url: byAddress })).toMatch(new RegExp(`^${name}: ${otherName.source}`));
    const secret = changed((of) => (of.password = 'wrong-secret'));
    expect(await refusal(ask, { url: secret })).toMatch(/the server refuses the .*password/);
  });

  test('verify-ca takes another name, and nothing from a stranger', async () => {
    const mode = engine === 'postgres' ? ['sslmode', 'verify-ca'] : ['ssl-mode', 'VERIFY_CA'];
    const byAddress = new URL(changed((of) => (of.hostname = '127.0.0.1')));
    byAddress.searchParams.set(mode[0]!, mode[1]!);
    await ask({ url: byAddress.href });
    byAddress.searchParams.set(word[engine].authority, files.stranger);
    expect(await refusal(ask, { url: byAddress.href })).toMatch(untrusted);
  });

  test('an expired certificate is refused', async () => {
    // MySQL would rather keep the good one.
    const reload =
      engine === 'postgres' ? 'SELECT pg_reload_conf()' : 'ALTER INSTANCE RELOAD TLS NO ROLLBACK ON ERROR';
    const variable = engine === 'postgres' ? 'current_setting($1)' : '@@GLOBAL.ssl_cert';
    const [row] = await admin.query(
      `SELECT ${variable} AS path`,
      engine === 'postgres' ? ['ssl_cert_file'] : [],
    );
    const before = await readFile(files.server);
    const path = String(row!['path']);
    await use(files.expired);
    try {
      expect(await refusal(ask, { url: url().href })).toMatch(new RegExp(`^${name}: ${expired.source}`));
    } finally {
      await use(files.server);
    }
    await ask({ url: url().href });
    expect(await readFile(files.server)).toEqual(before);

    async function use(certificate: string): Promise<void> {
      if (engine === 'mysql') await admin.query(`SET GLOBAL ssl_cert = '${certificate}'`);
      else await copyFile(certificate, path);
      await admin.query(reload);
    }
  });

  test('a role that needs a client certificate logs in with it alone', async () => {
    const without = changed(certified);
    expect(await refusal(ask, { url: without })).toMatch(/the server refuses the role/);
    await ask({ url: `${without}&${word[engine].files(files)}` });
  });
});

describe('kafka', () => {
  async function ask(own: Record<string, string>): Promise<void> {
    const settings = loadSettings(new Environment({ ...addresses, ...own }));
    const admin = askKafka(settings, 'tandem-test', 2500).admin();
    try {
      await admin.connect();
      await admin.listTopics();
    } finally {
      await admin.disconnect();
    }
  }
  const at = (listener: string, host = 'localhost') => ({
    KAFKA_BROKERS: `${host}:${testPort(`KAFKA_${listener}`)}`,
  });
  const noLogin = { KAFKA_SASL_MECHANISM: '', KAFKA_SASL_USERNAME: '', KAFKA_SASL_PASSWORD: '' };

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'])('%s logs in over TLS', async (mechanism) => {
    await ask({ KAFKA_SASL_MECHANISM: mechanism });
    expect(
      await refusal(ask, { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_PASSWORD: 'wrong-secret' }),
    ).toMatch(/SASL .*authentication failed/i);
  });

  test('what it does not trust it refuses, and says what to do', async () => {
    expect(await refusal(ask, { KAFKA_SSL_CA_FILE: files.stranger })).toMatch(
      new RegExp(`Kafka: ${untrusted.source}KAFKA_SSL_CA_FILE`),
    );
    expect(await refusal(ask, at('LOGIN', '127.0.0.1'))).toMatch(otherName);
    expect(await refusal(ask, at('EXPIRED'))).toMatch(expired);
  });

  test('a command that waits for Kafka does not wait for one that refuses its login', async () => {
    const environment = new Environment({ ...addresses, KAFKA_SASL_PASSWORD: 'wrong-secret' });
    const pipeline = await loadPipeline('blog');
    const error: unknown = await applyConnectors({ pipeline, environment }).catch(
      (thrown: unknown) => thrown,
    );
    expect(endingOf(error).lines.join('\n')).toMatch(
      /Kafka does not make the topics.*\n.*SASL .*authentication failed/i,
    );
  }, 60_000);

  test('a broker that needs a client certificate takes it alone', async () => {
    const own = { ...noLogin, ...at('CERTIFIED') };
    expect(await refusal(ask, own)).toMatch(
      /Kafka: it takes no client without a certificate that it trusts; set KAFKA_SSL_/,
    );
    await ask({ ...own, KAFKA_SSL_CERT_FILE: files.client, KAFKA_SSL_KEY_FILE: files.clientKey });
  });
});

describe('redis', () => {
  const ask = (own: Record<string, string>) => askRedis({ ...addresses, ...own });
  /** Its client tells errors by `instanceof`, which those of Node's own fail under jest. */
  async function askOutside(own: Record<string, string>): Promise<void> {
    const script = join(packageRoot, 'test/support/encrypted/ask-redis.ts');
    const loader = join(packageRoot, 'test/support/register-typescript.js');
    const env = { ...addresses, ...own };
    const { exitCode, stdout } = await execa('node', ['--import', loader, script], { env, reject: false });
    if (exitCode !== 0) throw new Error(stdout);
  }

  test('the right certificate is taken', () => ask({}));

  test('what it does not trust it refuses, and says what to do', async () => {
    expect(await refusal(ask, { REDIS_TLS_CA_FILE: files.stranger })).toMatch(
      new RegExp(`Redis: ${untrusted.source}REDIS_TLS_CA_FILE`),
    );
    const byAddress = addresses['REDIS_URL']!.replace('localhost', '127.0.0.1');
    expect(await refusal(ask, { REDIS_URL: byAddress })).toMatch(otherName);
    const secret = addresses['REDIS_URL']!.replace('//', '//nobody:wrong-secret@');
    expect(await refusal(ask, { REDIS_URL: secret })).toMatch(/Redis does not .*WRONGPASS/);
  });

  test('an expired certificate, and a client without one where it is needed, are refused', async () => {
    const client = await redis();
    try {
      await client.configSet('tls-cert-file', files.expired);
      expect(await refusal(ask, {})).toMatch(expired);
      await client.configSet({ 'tls-cert-file': files.server, 'tls-auth-clients': 'yes' });
      // It may cut the connection before its reason was read.
      await eventually('the reason of the refusal', async () =>
        /Redis: it takes no client without a certificate that it trusts; set REDIS_TLS_/.test(
          await refusal(askOutside, {}),
        ),
      );
      await ask({ REDIS_TLS_CERT_FILE: files.client, REDIS_TLS_KEY_FILE: files.clientKey });
    } finally {
      await client.configSet({ 'tls-cert-file': files.server, 'tls-auth-clients': 'no' });
      await client.close();
    }
  });
});

describe('temporal', () => {
  const doors: TemporalDoor[] = [];
  let strict: Record<string, string>;
  let old: Record<string, string>;

  beforeAll(async () => {
    const [key, server, past, authority] = await Promise.all(
      [files.key, files.server, files.expired, files.authority].map((file) => readFile(file, 'utf8')),
    );
    const to = `127.0.0.1:${testPort('TEMPORAL')}`;
    const shared = { to, key: key! };
    doors.push(
      await temporalDoor({ ...shared, cert: server!, clientAuthority: authority!, apiKey: 'right-key' }),
      await temporalDoor({ ...shared, cert: past! }),
    );
    strict = {
      TEMPORAL_ADDRESS: doors[0]!.address,
      TEMPORAL_TLS_CLIENT_CERT_PATH: files.client,
      TEMPORAL_TLS_CLIENT_KEY_PATH: files.clientKey,
      TEMPORAL_API_KEY: 'right-key',
    };
    old = { TEMPORAL_ADDRESS: doors[1]!.address };
  });
  afterAll(async () => {
    for (const door of doors) await door[Symbol.asyncDispose]();
  });

  const server = (own: Record<string, string>) =>
    temporalServer(loadSettings(new Environment({ ...addresses, ...own })));
  /** As commands do. */
  const ask = async (own: Record<string, string>): Promise<void> =>
    (await reachTemporal(server(own), 2000)).close();
  /** As processes do, which wait for it and log why. */
  async function told(own: Record<string, string>): Promise<string> {
    const waiting = new AbortController();
    const lines: { error: string }[] = [];
    const write = (line: string) => {
      lines.push(JSON.parse(line) as { error: string });
      waiting.abort();
    };
    const connecting = connectTemporal(
      server(own),
      createLogger({ level: 'warn', destination: { write } }),
      waiting.signal,
    );
    await expect(connecting).rejects.toThrow();
    return lines[0]!.error;
  }

  test('certificate and key let in a command and a process', async () => {
    await ask(strict);
    const { client, connection } = await connectTemporal(server(strict), createLogger({ level: 'silent' }));
    try {
      await client.workflowService.getSystemInfo({});
    } finally {
      await connection.close();
    }
  });

  test.each([
    ['a stranger', () => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: files.stranger }), untrusted],
    ['another name', () => ({ TEMPORAL_TLS_SERVER_NAME: 'temporal.example' }), otherName],
    ['an expired certificate', () => old, expired],
    [
      'no client certificate',
      () => ({ TEMPORAL_TLS_CLIENT_CERT_PATH: '', TEMPORAL_TLS_CLIENT_KEY_PATH: '' }),
      /Temporal: it takes no client without a certificate that it trusts; set TEMPORAL_TLS_CLIENT_CERT_PATH/,
    ],
    [
      'a wrong key',
      () => ({ TEMPORAL_API_KEY: 'wrong-secret' }),
      /Temporal at .* refuses the login \(UNAUTHENTICATED\); correct TEMPORAL_API_KEY/,
    ],
  ])('%s is refused', async (_, own, says) => {
    const whole = { ...strict, ...own() };
    const [asked, logged] = await Promise.all([refusal(ask, whole), told(whole)]);
    expect(asked).toMatch(says);
    expect(logged).toMatch(says);
  });
});
