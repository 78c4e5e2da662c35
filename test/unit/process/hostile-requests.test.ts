import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { createMetrics } from '../../../src/observability/create-metrics.ts';
import { Health } from '../../../src/observability/health.ts';
import { healthServer, metricsServer } from '../../../src/observability/http.ts';
import { createLogger } from '../../../src/observability/logger.ts';
import { endpoint } from '../../../src/pipeline/endpoints.ts';
import { bearerCheck } from '../../../src/process/bearer.ts';
import { codecServer } from '../../../src/process/codec-server.ts';
import { endpointServer } from '../../../src/process/endpoint-server.ts';
import { parsePayloadKeys } from '../../../src/temporal/payload-keys.ts';
import { noTools } from '../../support/no-tools.ts';

const limits = { requestMs: 300, answerMs: 2000, checkMs: 50 };
const secret = 'anna@example.org';
const lines: string[] = [];
const log = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } });
const metrics = createMetrics({ processMetrics: false });
const check = bearerCheck({ token: 'a-token-of-16-chars', issuer: null, audience: null });
const keys = parsePayloadKeys(`k:${Buffer.alloc(32).toString('base64')}`);
const animal = endpoint({
  path: '/animals/:id',
  parameters: z.object({ id: z.coerce.number() }),
  get: async ({ id }) => ({ id }),
});
const served = [{ pipeline: { name: 'zoo', endpoints: [animal] }, tools: noTools }];
const bearer = { authorization: 'Bearer a-token-of-16-chars' };

/** Every server of Tandem, and what it answers. */
const servers = {
  health: { app: healthServer(new Health(), null, limits), path: '/livez', init: {} },
  metrics: { app: metricsServer(metrics, null, limits), path: '/metrics', init: {} },
  codec: {
    app: codecServer({ keys, namespace: 'default', origins: [], check, metrics, log, limits }),
    path: '/decode',
    init: {
      method: 'POST',
      headers: { ...bearer, 'x-namespace': 'default', 'content-type': 'application/json' },
      body: '{"payloads":[]}',
    },
  },
  endpoints: {
    app: endpointServer(served, { metrics, log, check, limits }),
    path: '/animals/7',
    init: { headers: bearer },
  },
};
await Promise.all(Object.values(servers).map(({ app }) => app.listen({ host: '127.0.0.1', port: 0 })));
afterAll(() => Promise.all(Object.values(servers).map(({ app }) => app.close())));

type Send = (socket: Socket) => unknown;
const bytes =
  (text: string | Uint8Array): Send =>
  (socket) =>
    socket.write(text);
const head = (line: string, ...headers: string[]) => [line, 'host: x', ...headers, '', ''].join('\r\n');
const authorised = ['authorization: Bearer a-token-of-16-chars', 'x-namespace: default'];
const post = (path: string, ...headers: string[]) =>
  head(`POST ${path} HTTP/1.1`, ...authorised, 'content-type: application/json', ...headers);

/** What comes back: the whole of the first answer, or what there is when the server hangs up. */
async function answerTo(port: number, send: Send): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  let text = '';
  const ended = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.on('data', (data) => {
      text += String(data);
      const [top = '', body] = text.split('\r\n\r\n');
      const length = /^content-length: (\d+)$/im.exec(top)?.[1];
      if (body !== undefined && length !== undefined && body.length >= Number(length)) resolve();
    });
  });
  await once(socket, 'connect');
  await send(socket);
  await ended;
  socket.destroy();
  return text;
}

/** A byte each 20 ms until the server has enough of it. */
const trickle =
  (text: string): Send =>
  (socket) => {
    let at = 0;
    const timer = setInterval(() => socket.write(text[at++ % text.length]!), 20);
    socket.on('close', () => clearInterval(timer));
  };

const attacks = (path: string): Record<string, [send: Send, status: RegExp]> => ({
  'no HTTP': [bytes(Buffer.from([0x16, 0x03, 0x01, 0x02, 0, 1, 0, 1])), /^400$/],
  'a method there is not': [bytes(head('BREW / HTTP/1.1')), /^400$/],
  'a version there is not': [bytes(head(`GET ${path} HTTP/9.9`)), /^(400|505)$/],
  'no host': [bytes(`GET ${path} HTTP/1.1\r\n\r\n`), /^400$/],
  'a huge header': [bytes(head(`GET ${path} HTTP/1.1`, `x: ${'a'.repeat(100_000)}`)), /^431$/],
  'a huge path': [bytes(head(`GET /${'a'.repeat(100_000)} HTTP/1.1`)), /^(414|431)$/],
  'a way out of the folder': [bytes(head(`GET /../../../etc/passwd HTTP/1.1`)), /^40[14]$/],
  'an encoded way out': [bytes(head('GET /..%2f..%2f%2e%2e%2fetc/passwd HTTP/1.1')), /^40[14]$/],
  'a path that cannot be decoded': [bytes(head(`GET /%zz${secret} HTTP/1.1`)), /^40[01]$/],
  'a line end in a header': [bytes(head(`GET ${path} HTTP/1.1`, 'x: a\nb: c\rd')), /^400$/],
  'another method': [bytes(head(`DELETE ${path} HTTP/1.1`, ...authorised)), /^404$/],
  'bad JSON': [bytes(`${post(path, 'content-length: 30')}{"payloads":["${secret}`), /^4(00|04|08)$/],
  'a body too large': [bytes(post(path, 'content-length: 99999999999')), /^4(04|13)$/],
  'a length that is none': [bytes(post(path, 'content-length: -1')), /^400$/],
  'two lengths': [bytes(post(path, 'content-length: 3', 'transfer-encoding: chunked')), /^400$/],
  'a chunk that is none': [bytes(`${post(path, 'transfer-encoding: chunked')}zz\r\n`), /^4(00|04)$/],
  'a header that does not end': [trickle('GET / HTTP/1.1\r\nhost: x\r\nx-slow: aaaaaaaa'), /^408$/],
  'a body that does not end': [
    (socket) => {
      socket.write(post(path, 'content-length: 9999'));
      void trickle('{')(socket);
    },
    /^4(04|08|13)$/,
  ],
});

/** Nothing is owed to these, but that they end. */
const unanswered: Record<string, Send> = {
  'who says nothing': () => {},
  'half a request': (socket) => socket.end('GET /livez HTTP/1.1\r\nho'),
  'who hangs up': (socket) => {
    socket.write('GET /livez HTTP/1.1\r\nho');
    socket.resetAndDestroy();
  },
  'a tunnel': bytes(head('CONNECT example.org:80 HTTP/1.1')),
};

describe.each(Object.entries(servers))('the %s server', (_, { app, path, init }) => {
  const { port } = app.server.address() as AddressInfo;
  const survives = async () =>
    expect((await fetch(`http://127.0.0.1:${port}${path}`, init)).status).toBe(200);
  const saysNothing = (answer: string) => expect(answer).not.toMatch(/\n\s+at |node_modules|src\/|anna@/);

  test.each(Object.entries(attacks(path)))('refuses %s', async (_name, [send, status]) => {
    const answer = await answerTo(port, send);
    expect(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]).toMatch(status);
    saysNothing(answer);
    await survives();
  });

  test.each(Object.entries(unanswered))('is rid of %s', async (_name, send) => {
    saysNothing(await answerTo(port, send));
    await survives();
  });

  test('any bytes come to an end', async () => {
    const line = fc.constantFrom(`GET ${path} HTTP/1.1`, `POST ${path} HTTP/1.1`, 'PRI * HTTP/2.0', '');
    const requests = fc.tuple(line, fc.string(), fc.uint8Array()).map(([first, header, rest]) => {
      return Buffer.concat([Buffer.from(`${first}\r\nhost: x\r\n${header}\r\n\r\n`), rest]);
    });
    await fc.assert(
      fc.asyncProperty(fc.array(requests, { minLength: 20, maxLength: 20 }), async (together) => {
        const answers = await Promise.all(
          together.map((request) => answerTo(port, (socket) => socket.end(request))),
        );
        answers.forEach(saysNothing);
      }),
      { numRuns: 5 },
    );
    await survives();
  });

  test('cuts off many who are slow at once, and answers others meanwhile', async () => {
    const slow = Array.from({ length: 100 }, () => answerTo(port, trickle('GET / HTTP/1.1\r\nx: aaaaaaaa')));
    await survives();
    for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});

test('codec and endpoints ask for their token', async () => {
  for (const { app, path, init } of [servers.codec, servers.endpoints]) {
    const { port } = app.server.address() as AddressInfo;
    for (const authorization of ['', 'Bearer', 'Bearer a-token-of-16-charz', 'Basic YTpi']) {
      const headers = { ...init.headers, authorization };
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
  }
});

test('nothing of it reached the log', () => {
  expect(lines).toEqual([]);
});
