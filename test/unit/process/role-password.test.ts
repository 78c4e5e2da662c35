import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Environment } from '../../../src/process/config/environment.ts';
import { passwordOf } from '../../../src/process/role-password.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-passwords-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'connect.properties');
writeFileSync(file, 'debezium=from-a-file\n');

const side = { name: 'legacy', databaseUrl: 'postgres://sync_service:own%20one@localhost/db' };
const of = (role: string, setting?: string) =>
  passwordOf(role, side, new Environment({ LEGACY_CDC_PASSWORD: setting }));

test('a role has the password that the settings say, or its name', () => {
  expect(of('sync_service')).toBe('own one');
  expect(of('legacy_app')).toBe('legacy_app');
  expect(of('debezium')).toBe('debezium');
  expect(of('debezium', 'a-word')).toBe('a-word');
  expect(of('debezium', `\${file:${file}:debezium}`)).toBe('from-a-file');
});

test.each([`\${file:${file}:another}`, '${file:/not/here:debezium}', '${env:SOMEWHERE}'])(
  '%s, which leads nowhere here, is told by the name of its variable',
  (setting) => {
    expect(() => of('debezium', setting)).toThrow(/LEGACY_CDC_PASSWORD: leads to no password here/);
  },
);
