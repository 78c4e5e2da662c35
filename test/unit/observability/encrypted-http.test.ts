import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import type { RequestOptions } from 'node:https';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Health } from '../../../src/observability/health.ts';
import { startHttp } from '../../../src/observability/http.ts';
import type { HttpServers } from '../../../src/observability/http.ts';
import { createLogger } from '../../../src/observability/logger.ts';
import { createMetrics } from '../../../src/observability/create-metrics.ts';
import { serveCodec } from '../../../src/process/codec.ts';
import { Environment } from '../../../src/process/config/environment.ts';
import { httpTls } from '../../../src/process/config/http.ts';
import { loadSettings } from '../../../src/process/config/settings.ts';
import { certificateFiles, makeCertificates } from '../../support/encrypted/certificates.ts';
import type { CertificateFiles } from '../../support/encrypted/certificates.ts';

let folder: string;
let files: CertificateFiles;
let environment: Environment;
let servers: HttpServers;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-http-'));
  await makeCertificates(join(folder, 'certificates'));
  files = certificateFiles(join(folder, 'certificates'));
  environment = new Environment({
    HTTP_TLS_CERT_FILE: files.server,
    HTTP_TLS_KEY_FILE: files.key,
    HTTP_TLS_CLIENT_CA_FILE: files.authority,
    HTTP_HOST: '127.0.0.1',
    HEALTH_PORT: '0',
    METRICS_PORT: '0',
    CODEC_PORT: '0',
    PAYLOAD_KEYS: `any:${randomBytes(32).toString('base64')}`,
  });
  const settings = loadSettings(environment);
  servers = await startHttp({
    health: new Health(),
    metrics: createMetrics(),
    ...settings,
    tls: httpTls(settings),
  });
});
afterAll(async () => {
  await servers.close();
  await rm(folder, { recursive: true });
});

/** The answer's status, or why there was none. */
const get = (port: number, path: string, options: RequestOptions): Promise<number | string | undefined> =>
  new Promise((resolve) => {
    const trusted = { servername: 'localhost', ca: readFileSync(files.authority), agent: false as const };
    request({ host: '127.0.0.1', port, path, ...trusted, ...options }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      .end();
  });

test('health answers whoever trusts its certificate', async () => {
  expect(await get(servers.healthPort, '/livez', {})).toBe(200);
  expect(await get(servers.healthPort, '/livez', { ca: readFileSync(files.stranger) })).toBe(
    'CERT_SIGNATURE_FAILURE',
  );
});

test('metrics answer clients with a certificate alone', async () => {
  expect(await get(servers.metricsPort, '/metrics', {})).not.toBe(200);
  const own = { cert: readFileSync(files.client), key: readFileSync(files.clientKey) };
  expect(await get(servers.metricsPort, '/metrics', own)).toBe(200);
});

test('the codec server answers web pages, which ask without a certificate at first', async () => {
  const codec = await serveCodec(environment, createLogger({ level: 'silent' }));
  try {
    expect(await get(codec.port, '/decode', { method: 'OPTIONS' })).toBe(204);
  } finally {
    await codec.stop();
  }
});
