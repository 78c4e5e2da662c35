import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import { encode } from '@temporalio/common/lib/internal-non-workflow/index.js';
import fc from 'fast-check';
import fastify from 'fastify';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createLogger } from '../../../src/observability/logger.ts';
import { createMetrics } from '../../../src/observability/create-metrics.ts';
import { bearerCheck } from '../../../src/process/bearer.ts';
import { originsOf } from '../../../src/process/codec.ts';
import { codecServer } from '../../../src/process/codec-server.ts';
import type { CodecServerOptions } from '../../../src/process/codec-server.ts';
import { dataConverter } from '../../../src/temporal/data-converter.ts';
import { parsePayloadKeys } from '../../../src/temporal/payload-keys.ts';
import { freePort } from '../../support/free-port.ts';

const newKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const keys = parsePayloadKeys(newKey('k'));
const secret = 'anna@example.org';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const json = ({ metadata, data }: Payload) => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});
const plain = json(defaultPayloadConverter.toPayload(secret));
const encrypted = async (by = keys) => {
  const [payload] = await encode(dataConverter(by).payloadCodecs!, [
    defaultPayloadConverter.toPayload(secret),
  ]);
  return json(payload!);
};

function serve(changes: Partial<CodecServerOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  const metrics = createMetrics({ processMetrics: false });
  const origins = ['http://ui.example'];
  const app = codecServer({ keys, namespace: 'default', origins, check: null, metrics, log, ...changes });
  closing.push(() => app.close());
  const post = async (path: string, payload: unknown, headers: Record<string, string> = {}) => {
    const response = await app.inject({
      method: 'POST',
      url: path,
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
      headers: { 'content-type': 'application/json', 'x-namespace': 'default', ...headers },
    });
    return { status: response.statusCode, body: response.json<Record<string, unknown>>(), response };
  };
  return { app, post, lines, metrics };
}

describe('the codec server', () => {
  test('decodes what is encrypted, passes what is not, and encodes', async () => {
    const { post, metrics } = serve();
    const decoded = await post('/decode?preserveStorageRefs=true', { payloads: [await encrypted(), plain] });
    expect([decoded.status, decoded.body]).toEqual([200, { payloads: [plain, plain] }]);
    const { body } = await post('/encode', { payloads: [plain] });
    expect(JSON.stringify(body)).not.toContain(plain.data);
    expect((await post('/decode', body)).body).toEqual({ payloads: [plain] });
    // Protobuf's JSON of no payloads.
    expect(await post('/decode', {})).toMatchObject({ status: 200, body: { payloads: [] } });
    expect(decoded.response.headers['cache-control']).toBe('no-store');
    expect(await metrics.expose()).toContain('tandem_endpoint_seconds_count{path="/decode",status="200"} 3');
  });

  test('answers the Web UI and no other page', async () => {
    const { app, post } = serve();
    const asked = await app.inject({
      method: 'OPTIONS',
      url: '/decode',
      headers: { origin: 'http://ui.example', 'access-control-request-headers': 'x-namespace' },
    });
    expect([asked.statusCode, asked.headers['access-control-allow-origin']]).toEqual([
      204,
      'http://ui.example',
    ]);
    expect(asked.headers['access-control-allow-headers']).toContain('x-namespace');
    const payloads = [await encrypted()];
    const own = await post('/decode', { payloads }, { origin: 'http://ui.example' });
    expect([own.status, own.response.headers['access-control-allow-origin']]).toEqual([
      200,
      'http://ui.example',
    ]);
    for (const origin of ['http://evil.example', 'null', 'http://ui.example.evil']) {
      const other = await post('/decode', { payloads }, { origin });
      expect([other.status, other.response.headers['access-control-allow-origin']]).toEqual([403, undefined]);
    }
  });

  test('answers for its own namespace alone', async () => {
    const { post } = serve();
    expect((await post('/decode', { payloads: [plain] }, { 'x-namespace': 'other' })).status).toBe(403);
  });

  test('names the key that is missing, logs no value, and stays whole', async () => {
    const { post, lines } = serve();
    const strange = await post('/decode', { payloads: [await encrypted(parsePayloadKeys(newKey('lost')))] });
    expect([strange.status, strange.body['error']]).toEqual([
      422,
      'a payload is encrypted with key "lost", which is not in PAYLOAD_KEYS',
    ]);
    const broken = await encrypted();
    const damaged = await post('/decode', { payloads: [{ ...broken, data: broken.data.slice(4) }] });
    expect(damaged.status).toBe(422);
    const metadata = { encoding: Buffer.from('binary/gzip').toString('base64') };
    const bomb = gzipSync(Buffer.alloc(70 * 1024 * 1024)).toString('base64');
    for (const data of [bomb, Buffer.from(secret).toString('base64')])
      expect((await post('/decode', { payloads: [{ metadata, data }] })).body).toEqual({
        error: 'a payload cannot be read',
      });
    expect(lines).toHaveLength(4);
    expect(lines.join('')).not.toContain(secret);
    expect((await post('/decode', { payloads: [await encrypted()] })).status).toBe(200);
  });

  test.each([
    ['', 400],
    ['{', 400],
    ['[]', 400],
    ['{"payloads":{}}', 400],
    ['{"payloads":[1]}', 400],
    [`{"payloads":[{"data":"${secret}"}]}`, 400],
    ['{"payloads":[{"metadata":{"encoding":[1,2]}}]}', 400],
    ['{"__proto__":{"payloads":[]}}', 400],
    [`{"payloads":["${'x'.repeat(17 * 1024 * 1024)}"]}`, 413],
  ])('refuses a malformed request: %.50s', async (payload, status) => {
    const { post, lines } = serve();
    const answer = await post('/decode', payload);
    expect(answer.status).toBe(status);
    expect(answer.response.body).not.toContain(secret);
    expect(lines).toEqual([]);
  });

  test('refuses other kinds of text, methods and paths', async () => {
    const { app, post } = serve();
    expect((await post('/decode', '{"payloads":[]}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post('/download', { payloads: [plain] })).status).toBe(404);
    expect((await app.inject({ method: 'GET', url: '/decode' })).statusCode).toBe(404);
  });

  test('any JSON has an answer', async () => {
    const { post } = serve();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.json().map((each) => `{"payloads":[${each}]}`),
        ),
        async (text) => {
          expect([200, 400, 422]).toContain((await post('/decode', text)).status);
        },
      ),
    );
  });
});

describe('who may ask', () => {
  const ask = async (check: CodecServerOptions['check'], authorization?: string) => {
    const { post } = serve({ check });
    const headers = authorization === undefined ? {} : { authorization };
    return (await post('/decode', { payloads: [plain] }, headers)).status;
  };

  test('a token passes, and nothing like it', async () => {
    const check = bearerCheck({ token: 'a-token-of-16-chars', issuer: null, audience: null });
    expect(await ask(check, 'Bearer a-token-of-16-chars')).toBe(200);
    for (const wrong of [undefined, '', 'Bearer', 'Bearer a-token-of-16-char', 'Basic a-token-of-16-chars'])
      expect(await ask(check, wrong)).toBe(401);
  });

  test('a token of the issuer passes, if it is for this audience and has not ended', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    const name = `${address}/`;
    let asked = 0;
    const sign = (key = privateKey, { audience = 'temporal', issuedBy = name, ends = '5m' } = {}) =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'RS256', kid: 'one' })
        .setIssuer(issuedBy)
        .setAudience(audience)
        .setExpirationTime(ends)
        .sign(key);
    const check = bearerCheck({ token: null, issuer: address, audience: 'temporal' });
    const bearer = async (token: Promise<string>) => ask(check, `Bearer ${await token}`);

    expect(await bearer(sign())).toBe(503);
    const issuer = fastify();
    closing.push(() => issuer.close());
    issuer.get('/.well-known/openid-configuration', async () => {
      asked++;
      return { issuer: name, jwks_uri: `${address}/keys` };
    });
    issuer.get('/keys', async () => ({
      keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }],
    }));
    await issuer.listen({ host: '127.0.0.1', port });
    expect(await bearer(sign())).toBe(200);
    const other = await generateKeyPair('RS256');
    for (const wrong of [
      sign(other.privateKey),
      sign(privateKey, { audience: 'another' }),
      sign(privateKey, { issuedBy: 'https://evil.example' }),
      sign(privateKey, { ends: '1m ago' }),
      Promise.resolve('not.a.token'),
    ])
      expect(await bearer(wrong)).toBe(401);
    expect(asked).toBe(1);
  });

  test('the Web UI of this machine has two names', () => {
    expect(originsOf('http://localhost:8233')).toEqual(['http://localhost:8233', 'http://127.0.0.1:8233']);
    expect(originsOf('https://ui.example/path')).toEqual(['https://ui.example']);
  });
});
