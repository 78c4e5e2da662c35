import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { packageRoot } from '../../../src/package-root.ts';
import { loadPipelines, shippedPipelines } from '../../../src/process/pipelines.ts';
import { shutdownForceTime } from '../../../src/process/shutdown.ts';
import { searchAttributes } from '../../../src/temporal/names.ts';
import { serversOf, settingsOf, unreadBy } from '../../support/deployed-settings.ts';
import { wrongIn } from '../../support/named-commands.ts';

interface Service {
  image: string;
  command: string[];
  profiles?: string[];
  environment: Record<string, string>;
  depends_on?: Record<string, { condition: string }> | string[];
  healthcheck?: { interval: string; timeout: string; retries: number };
  ports?: string[];
  read_only: boolean;
  cap_drop: string[];
  stop_grace_period: string;
}

const file = readFileSync(join(packageRoot, 'docker-compose.yml'), 'utf8');
const { services, volumes } = parse(file, { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};
const pipelines = await loadPipelines(shippedPipelines());

describe.each(pipelines)('the services of $name', (pipeline) => {
  const roles = ['ingest', 'worker', ...(pipeline.endpoints.length > 0 ? ['serve'] : [])];
  const running = roles.map((role) => [role, services[`${pipeline.name}-${role}`]!] as const);
  const setup = services[`${pipeline.name}-setup`]!;

  test('are all its roles, and no others', () => {
    const own = Object.entries(services).filter(
      ([name, { image }]) => image === 'tandem-sync' && name.startsWith(`${pipeline.name}-`),
    );
    expect(own.map(([name]) => name).toSorted()).toEqual(
      [...roles, 'setup'].map((role) => `${pipeline.name}-${role}`).toSorted(),
    );
  });

  test.each(running)('%s runs, is looked at and may finish', async (role, service) => {
    expect(service.command).toEqual([role, pipeline.name]);
    expect(await wrongIn(service.command.join(' '))).toBeNull();
    expect(service.healthcheck).toMatchObject({ interval: '30s', timeout: '10s', retries: 3 });
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    expect(Number.parseInt(service.stop_grace_period)).toBeGreaterThan(Number.parseInt(shutdownForceTime));
    expect(service.depends_on).toEqual({
      [`${pipeline.name}-setup`]: { condition: 'service_completed_successfully' },
    });
    const { settings } = settingsOf(pipeline, service.environment);
    const ports = [settings.metricsPort, settings.healthPort, settings.endpointsPort];
    const published = (service.ports ?? []).map((port) => Number(port.split(':').at(-1)));
    expect(published.filter((port) => !ports.includes(port))).toEqual([]);
    if (role === 'serve') expect(published).toContain(settings.endpointsPort);
  });

  test('have variables that Tandem reads, of servers that stand beside them', () => {
    for (const service of [setup, ...running.map(([, each]) => each)]) {
      expect(unreadBy(pipeline, service.environment)).toEqual([]);
      const { settings, sides } = settingsOf(pipeline, service.environment);
      expect(settings.pipelines).toEqual([pipeline.name]);
      for (const { databaseUrl, adminUrl } of sides.values())
        for (const url of [databaseUrl, adminUrl!].map((each) => new URL(each))) {
          const { POSTGRES_DB, MYSQL_DATABASE } = services[url.hostname]!.environment;
          expect(url.pathname).toBe(`/${POSTGRES_DB ?? MYSQL_DATABASE}`);
          expect(setup.depends_on).toHaveProperty(url.hostname, { condition: 'service_healthy' });
        }
      const { carriers, others } = serversOf(pipeline, service.environment);
      const hosts = [...carriers, ...others].map((address) => address.split(':')[0]!);
      expect(hosts.filter((host) => !(host in services))).toEqual([]);
    }
  });

  test('are set up by commands that Tandem has', async () => {
    const lines = setup.command[0]!.split(' && ').map((line) => /main\.js (.+)$/.exec(line)![1]!);
    expect(lines).toEqual(['install "$$TANDEM_PIPELINES" --sample', 'connectors apply "$$TANDEM_PIPELINES"']);
    for (const line of lines) expect(await wrongIn(line)).toBeNull();
  });
});

test('what is waited for is there, and can become what is waited for', () => {
  for (const [name, { depends_on: waits = {}, profiles }] of Object.entries(services))
    for (const [awaited, { condition }] of Object.entries(Array.isArray(waits) ? {} : waits)) {
      const other = services[awaited]!;
      expect([name, awaited, condition === 'service_healthy' && !other.healthcheck]).toEqual([
        name,
        awaited,
        false,
      ]);
      // Else Compose cannot start the one for the other.
      if (other.profiles) expect(other.profiles).toEqual(expect.arrayContaining(profiles!));
    }
});

test('Temporal is given every search attribute', () => {
  const [, names] = /for name in (.+); do\n\s+temporal operator search-attribute create/.exec(file)!;
  expect(names!.split(' ')).toEqual([...searchAttributes]);
});

test('what servers keep is in a volume of its own', () => {
  const mounted = Object.values(services).flatMap(
    (each) => (each as { volumes?: string[] }).volumes?.map((volume) => volume.split(':')[0]!) ?? [],
  );
  expect(mounted.toSorted()).toEqual(Object.keys(volumes).toSorted());
});
