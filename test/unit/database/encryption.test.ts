import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import {
  encryptionOf,
  encryptionProblems,
  loginOf,
  withEncryption,
} from '../../../src/database/encryption.ts';
import { connectPlain } from '../../../src/database/plain-connection.ts';

/** A file that is there. */
const file = import.meta.filename;
const none = { authority: null, certificate: null, key: null };

describe('what a URL says', () => {
  test.each([
    ['postgres', '', { mode: 'disable', ...none }],
    ['postgres', '?sslmode=require', { mode: 'require', ...none }],
    ['postgres', `?sslrootcert=${file}`, { mode: 'verify-full', ...none, authority: file }],
    ['mysql', '?ssl-mode=VERIFY_CA', { mode: 'verify-ca', ...none }],
    ['mysql', `?ssl-ca=${file}`, { mode: 'verify-full', ...none, authority: file }],
  ] as const)('%s %s', (engine, query, says) => {
    const url = `${engine}://h/d${query}`;
    expect(encryptionProblems(engine, url)).toEqual([]);
    expect(encryptionOf(engine, url)).toEqual(says);
  });

  test.each([
    ['postgres', '?sslmode=prefer', 'sslmode must be one of disable, require, verify-ca, verify-full'],
    [
      'mysql',
      '?ssl-mode=PREFERRED',
      'ssl-mode must be one of DISABLED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY',
    ],
    ['postgres', '?ssl=true', 'ssl is not taken; there are sslmode, sslrootcert, sslcert, sslkey'],
    ['mysql', '?ssl={}', 'ssl is not taken; there are ssl-mode, ssl-ca, ssl-cert, ssl-key'],
    ['postgres', '?sslrootcert=/nowhere', 'sslrootcert: no such file'],
    ['postgres', `?sslmode=require&sslrootcert=${file}`, 'sslrootcert has no effect with sslmode=require'],
    ['postgres', `?sslcert=${file}`, 'sslcert and sslkey go together'],
    [
      'mysql',
      `?ssl-mode=DISABLED&ssl-cert=${file}&ssl-key=${file}`,
      'ssl-cert has no effect with ssl-mode=DISABLED',
    ],
  ] as const)('%s %s is refused', (engine, query, says) => {
    const url = `${engine}://u:hidden@h/d${query}`;
    expect(encryptionProblems(engine, url)).toEqual([says]);
    expect(() => loginOf(engine, url)).toThrow(says);
  });
});

test('settings of the side stand in where the URL says nothing', () => {
  const settings = { mode: 'verify-full', authority: '/ca' } as const;
  expect(withEncryption('mysql', 'mysql://h/d?x=1', settings)).toBe(
    'mysql://h/d?x=1&ssl-mode=VERIFY_IDENTITY&ssl-ca=%2Fca',
  );
  expect(withEncryption('postgres', 'postgres://h/d?sslmode=disable', settings)).toBe(
    'postgres://h/d?sslmode=disable',
  );
});

test('a driver is given a URL that says nothing of it', () => {
  const { url, tls } = loginOf('postgres', `postgres://u:p%40w@h:1/d?application_name=a&sslrootcert=${file}`);
  expect(url).toBe('postgres://u:p%40w@h:1/d?application_name=a');
  expect(tls).toMatchObject({ rejectUnauthorized: true, ca: expect.any(Buffer) });
  expect(loginOf('postgres', 'postgres://h/d').tls).toBeNull();
});

test('a server of PostgreSQL that speaks no TLS is not spoken to in plain text', async () => {
  const server = createServer((socket) => socket.on('data', () => socket.write('N')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await expect(
    connectPlain('postgres', `postgres://u:hidden@127.0.0.1:${port}/d?sslmode=require`),
  ).rejects.toThrow(/^PostgreSQL: it does not speak TLS there; correct the address, or switch TLS off/);
  server.close();
});
