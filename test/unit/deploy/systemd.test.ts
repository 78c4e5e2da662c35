import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { packageRoot } from '../../../src/package-root.ts';
import { Environment } from '../../../src/process/config/environment.ts';
import { loadSettings } from '../../../src/process/config/settings.ts';
import { shutdownForceTime } from '../../../src/process/shutdown.ts';
import { wrongIn } from '../../support/named-commands.ts';

const folder = join(packageRoot, 'deploy/systemd');
const { bin } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  bin: { tandem: string };
};
const read = (path: string) => readFileSync(join(folder, path), 'utf8');
const valuesOf = (text: string, name: string) =>
  text.split('\n').flatMap((line) => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []));

const units = readdirSync(folder)
  .filter((name) => name.endsWith('.service'))
  .map((name) => ({ role: /^tandem-(\w+)@\.service$/.exec(name)![1]!, text: read(name) }));
const common = read('tandem-.service.d/common.conf');

test('there is a unit for every role', () => {
  expect(units.map(({ role }) => role).toSorted()).toEqual(['ingest', 'serve', 'worker']);
});

test.each(units)('$role runs a command of the program with its own settings', async ({ role, text }) => {
  const [line] = valuesOf(text, 'ExecStart');
  const [, command] = line!.split(`/opt/tandem/${bin.tandem} `);
  expect(command).toBe(`${role} %I`);
  expect(await wrongIn(command!)).toBeNull();
  expect(valuesOf(text, 'EnvironmentFile')).toEqual([
    '/etc/tandem/tandem.env',
    `-/etc/tandem/${role}@%i.env`,
  ]);
});

test('the processes of a machine listen on ports of their own', () => {
  const ports = units.flatMap(({ text }) => {
    const pairs = valuesOf(text, 'Environment')[0]!
      .split(' ')
      .map((pair) => pair.split('='));
    const { metricsPort, healthPort } = loadSettings(new Environment(Object.fromEntries(pairs)));
    return [metricsPort, healthPort];
  });
  expect(new Set(ports).size).toBe(2 * units.length);
});

test('what is under way may finish, and a wrong setting is not tried again', () => {
  expect(Number(valuesOf(common, 'TimeoutStopSec')[0])).toBeGreaterThan(Number.parseInt(shutdownForceTime));
  expect(valuesOf(common, 'RestartPreventExitStatus')).toEqual(['2']);
});
