import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Health } from '../../../src/observability/health.ts';
import { healthServer } from '../../../src/observability/http.ts';
import { packageRoot } from '../../../src/package-root.ts';
import { Environment } from '../../../src/process/config/environment.ts';
import { loadSettings } from '../../../src/process/config/settings.ts';

const read = (name: string) => readFileSync(join(packageRoot, name), 'utf8');
const { bin, scripts } = JSON.parse(read('package.json')) as {
  bin: { tandem: string };
  scripts: Record<string, string>;
};
/** Instructions of the last stage by name. */
const instructions = read('Dockerfile').replaceAll('\\\n', ' ').split('\n');
const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM')));
const of = (name: string) =>
  last.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length).trim());

const settings = loadSettings(
  new Environment(
    Object.fromEntries(
      of('ENV')[0]!
        .split(' ')
        .map((pair) => pair.split('=')),
    ),
  ),
);

test('the image starts the program, as an ordinary user with a number', () => {
  expect(JSON.parse(of('ENTRYPOINT')[0]!)).toEqual(['dumb-init', '--', 'node', bin.tandem]);
  expect(of('USER')).toEqual(['1000:1000']);
});

test('it is asked where it listens', () => {
  expect(settings.host).toBe('0.0.0.0');
  const ports = [settings.metricsPort, settings.healthPort, settings.endpointsPort];
  expect(of('EXPOSE')[0]!.split(' ').map(Number)).toEqual(ports);
  const [options, command] = of('HEALTHCHECK')[0]!.split('CMD');
  expect(options).toContain('--interval=30s --timeout=10s --retries=3');
  const [, port, url] = /HEALTH_PORT \|\| (\d+)\}(\/\w+)/.exec(command!)!;
  expect(Number(port)).toBe(settings.healthPort);
  expect(healthServer(new Health()).hasRoute({ method: 'GET', url: url! })).toBe(true);
});

test('what is copied is there and reaches the build', () => {
  const copied = instructions
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
    .flatMap((line) => line.split(' ').slice(1, -1));
  const included = read('.dockerignore').split('\n');
  for (const path of copied) {
    expect([path, existsSync(join(packageRoot, path))]).toEqual([path, true]);
    expect(included).toContain(`!${path}`);
  }
  for (const [, script] of read('Dockerfile').matchAll(/npm run (\w+)/g))
    expect(scripts).toHaveProperty(script!);
});
