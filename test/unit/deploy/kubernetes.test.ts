import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { defaultOrigins } from '../../../src/database/migrate.ts';
import { Health } from '../../../src/observability/health.ts';
import { healthServer, metricsServer } from '../../../src/observability/http.ts';
import { createMetrics } from '../../../src/observability/create-metrics.ts';
import { packageRoot } from '../../../src/package-root.ts';
import { Environment } from '../../../src/process/config/environment.ts';
import { loadSettings } from '../../../src/process/config/settings.ts';
import { connectorNames } from '../../../src/process/connectors.ts';
import { readConnectors } from '../../../src/process/connectors/definition.ts';
import { connectorVariables } from '../../../src/process/connectors/variables.ts';
import { loadPipelines, shippedPipelines } from '../../../src/process/pipelines.ts';
import { shutdownForceTime } from '../../../src/process/shutdown.ts';
import { taskQueue } from '../../../src/temporal/names.ts';
import { anySecret, secretsIn, serversOf, settingsOf, unreadBy } from '../../support/deployed-settings.ts';
import { containersOf, render } from '../../support/kustomize.ts';
import type { Manifest, Part } from '../../support/kustomize.ts';
import { wrongIn } from '../../support/named-commands.ts';

const pipelines = await loadPipelines(shippedPipelines());
const health = healthServer(new Health());
const metrics = metricsServer(createMetrics());

describe.each(pipelines)('the manifests of $name', (pipeline) => {
  const manifests = render(join(packageRoot, 'deploy/kubernetes', pipeline.name));
  const all = (kind: string) => manifests.filter((each) => each.kind === kind);
  const named = (kind: string, name: string) =>
    all(kind).find(({ metadata }) => metadata.name === `${pipeline.name}-${name}`)!;
  const deployments = all('Deployment');
  const processes = [...deployments, ...all('Job')];
  const roleOf = ({ metadata }: Manifest) => metadata.labels!['app.kubernetes.io/component']!;
  const podLabels = ({ spec }: Manifest): Record<string, string> => spec.template.metadata.labels;
  const selects = (labels: Record<string, string>) => (each: Manifest) =>
    Object.entries(labels).every(([name, value]) => podLabels(each)[name] === value);

  const plain = ({ metadata }: Manifest, container: Part): Record<string, string> => ({
    ...all('ConfigMap').find(
      (each) =>
        each.metadata.namespace === metadata.namespace &&
        each.metadata.name === container.envFrom[0].configMapRef.name,
    )!.data,
    ...Object.fromEntries(
      (container.env ?? []).flatMap(({ name, value }: Part) => (value === undefined ? [] : [[name, value]])),
    ),
  });
  const configured = (manifest: Manifest) => {
    const [container] = containersOf(manifest);
    const open = plain(manifest, container);
    const secret = (container.env ?? []).flatMap(({ name, valueFrom }: Part) =>
      valueFrom === undefined ? [] : [[name, anySecret(pipeline, name)]],
    );
    return { container, open, given: { ...open, ...Object.fromEntries(secret) } as Record<string, string> };
  };

  test.each(processes.map((each) => [each.metadata.name, each] as const))(
    '%s runs a command with the variables it needs, and no others',
    async (_, manifest) => {
      const { container, open, given } = configured(manifest);
      const words = container.args.map((word: string) =>
        word.replaceAll(/\$\((\w+)\)/g, (whole, name: string) => given[name] ?? whole),
      );
      expect(words[0]).toBe(roleOf(manifest));
      expect(words.at(-1)).toBe(pipeline.name);
      expect(await wrongIn(words.join(' '))).toBeNull();
      const connector = roleOf(manifest) === 'connectors' ? ['TOPIC_REPLICATION_FACTOR'] : [];
      expect(unreadBy(pipeline, given).filter((name) => !connector.includes(name))).toEqual([]);
      expect(secretsIn(pipeline, open)).toEqual([]);
      expect(settingsOf(pipeline, given).settings.pipelines).toEqual([pipeline.name]);
    },
  );

  test('only the migration has an administrator, of each database with a ledger', () => {
    for (const manifest of processes) {
      const { sides } = settingsOf(pipeline, configured(manifest).given);
      for (const { isTarget, adminUrl } of sides.values())
        expect(adminUrl !== null).toBe(roleOf(manifest) === 'migrate' && isTarget);
    }
  });

  test('the connectors are complete and verify their database; passwords are read by Kafka Connect', async () => {
    const { environment, settings, sides } = settingsOf(
      pipeline,
      configured(named('Job', 'connectors')).given,
    );
    const connectors = await readConnectors(
      connectorNames(pipeline, sides),
      connectorVariables(pipeline, settings, environment),
    );
    expect(connectors.length).toBeGreaterThan(0);
    const readThere = expect.stringMatching(/^\$\{(?:file|secrets):/);
    const postgres = {
      'database.sslmode': 'verify-full',
      'database.sslrootcert': expect.stringMatching(/^\//),
    };
    const mysql = {
      'database.ssl.mode': 'verify_identity',
      'database.ssl.truststore': expect.stringMatching(/^\//),
      'database.ssl.truststore.password': readThere,
    };
    for (const { config } of connectors)
      expect(config).toMatchObject({
        'database.password': readThere,
        ...('database.sslmode' in config ? postgres : mysql),
      });
  });

  test('ingesters and workers are Deployments of two, and may be disrupted one at a time', () => {
    expect(deployments.map(roleOf)).toEqual(expect.arrayContaining(['ingest', 'worker']));
    expect(deployments.map(roleOf).includes('serve')).toBe(pipeline.endpoints.length > 0);
    for (const each of deployments) {
      expect(each.spec.replicas).toBe(2);
      const budget = named('PodDisruptionBudget', roleOf(each));
      expect(budget.spec.maxUnavailable).toBe(1);
      expect(processes.filter(selects(budget.spec.selector.matchLabels))).toEqual([each]);
      expect(processes.filter(selects(each.spec.selector.matchLabels))).toEqual([each]);
    }
  });

  test('probes ask what the program answers, where it listens', () => {
    for (const manifest of deployments) {
      const { container, given } = configured(manifest);
      const { settings } = settingsOf(pipeline, given);
      const ports = Object.fromEntries(
        container.ports.map(({ name, containerPort }: Part) => [name, containerPort]),
      );
      expect(ports).toEqual({
        metrics: settings.metricsPort,
        health: settings.healthPort,
        ...(roleOf(manifest) === 'serve' && { endpoints: settings.endpointsPort }),
      });
      if (roleOf(manifest) === 'serve') expect(settings.endpointsHost).toBe('0.0.0.0');
      expect(container.livenessProbe).toMatchObject({
        httpGet: { path: '/livez', port: 'health' },
        initialDelaySeconds: 30,
        periodSeconds: 10,
      });
      expect(container.readinessProbe).toMatchObject({
        httpGet: { path: '/readyz', port: 'health' },
        initialDelaySeconds: 5,
        periodSeconds: 5,
      });
      for (const { httpGet } of [container.livenessProbe, container.readinessProbe])
        expect(health.hasRoute({ method: 'GET', url: httpGet.path })).toBe(true);
    }
  });

  test('Prometheus scrapes every process', () => {
    const service = named('Service', 'tandem');
    const monitor = named('ServiceMonitor', 'tandem');
    expect(deployments.filter(selects(service.spec.selector))).toEqual(deployments);
    expect(service.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
    expect(monitor.spec.selector.matchLabels['app.kubernetes.io/instance']).toBe(pipeline.name);
    const [{ port, path }] = monitor.spec.endpoints;
    expect(service.spec.ports).toContainEqual(expect.objectContaining({ name: port, targetPort: port }));
    expect(metrics.hasRoute({ method: 'GET', url: path })).toBe(true);
  });

  test('nothing is root, can become it, or writes to its own file system', () => {
    for (const { metadata, spec } of processes) {
      const pod = spec.template.spec;
      expect([metadata.name, pod]).toMatchObject([
        metadata.name,
        {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              resources: { requests: { cpu: expect.any(String) }, limits: { memory: expect.any(String) } },
            },
          ],
        },
      ]);
    }
  });

  test('what is under way may finish before the kill', () => {
    const seconds = Number(shutdownForceTime.replace(/s$/, ''));
    for (const { spec } of deployments)
      expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(2 * seconds);
  });

  test('every server that is configured may be reached', () => {
    for (const manifest of processes) {
      const { carriers, others } = serversOf(pipeline, configured(manifest).given);
      const policies = all('NetworkPolicy').filter(
        ({ metadata, spec }) =>
          metadata.namespace === manifest.metadata.namespace &&
          selects(spec.podSelector.matchLabels)(manifest),
      );
      const open = policies.flatMap(({ spec }) =>
        (spec.egress ?? []).flatMap(({ ports }: Part) => ports.map(({ port }: Part) => port)),
      );
      const needed = ['dns:53', ...carriers, ...(roleOf(manifest) === 'connectors' ? [] : others)];
      const closed = needed.filter((address) => !open.includes(Number(address.split(':')[1])));
      expect([manifest.metadata.name, closed]).toEqual([manifest.metadata.name, []]);
      // Nothing runs beside a process in its pod, and the migration speaks to databases alone.
      if (roleOf(manifest) !== 'migrate') expect(needed.join()).not.toContain('localhost');
    }
  });

  test('ingesters follow what waits in Kafka, and are never more than a topic has partitions', () => {
    const { settings, sides } = settingsOf(pipeline, configured(named('Deployment', 'ingest')).given);
    const { spec } = named('ScaledObject', 'ingest');
    const target = named('Deployment', 'ingest');
    expect(spec.scaleTargetRef.name).toBe(target.metadata.name);
    expect(spec.minReplicaCount).toBe(target.spec.replicas);
    expect(spec.maxReplicaCount).toBeLessThanOrEqual(settings.topicPartitions);
    const groups = [...pipeline.sides.values()].flatMap(({ name, tables }) =>
      tables.length > 0 ? [sides.get(name)!.groupId] : [],
    );
    expect(spec.triggers.map(({ metadata }: Part) => metadata.consumerGroup)).toEqual(groups);
    for (const { type, metadata } of spec.triggers)
      expect({ type, metadata }).toMatchObject({
        type: 'kafka',
        metadata: { bootstrapServers: settings.brokers.join(), offsetResetPolicy: 'earliest' },
      });
  });

  test('workers follow what waits in Temporal, and never need more replication origins than there are', () => {
    const { settings } = settingsOf(pipeline, configured(named('Deployment', 'worker')).given);
    const { spec } = named('ScaledObject', 'worker');
    const target = named('Deployment', 'worker');
    expect(spec.scaleTargetRef.name).toBe(target.metadata.name);
    expect(spec.minReplicaCount).toBe(target.spec.replicas);
    const most = spec.maxReplicaCount + target.spec.strategy.rollingUpdate.maxSurge;
    expect(most * settings.poolSize).toBeLessThanOrEqual(defaultOrigins);
    expect(spec.triggers).toMatchObject([
      {
        type: 'temporal',
        metadata: {
          endpoint: settings.temporalAddress,
          namespace: settings.temporalNamespace,
          taskQueue: taskQueue(pipeline.name),
        },
      },
    ]);
  });
});

test('the shop is deployed where its databases and their secrets are', () => {
  const manifests = render(join(packageRoot, 'deploy/kubernetes/magento'));
  const of = (kind: string) => manifests.filter((each) => each.kind === kind);
  expect(new Set(of('Deployment').map(({ metadata }) => metadata.namespace))).toEqual(
    new Set(['production']),
  );
  expect(of('Job').map(({ metadata }) => [metadata.name, metadata.namespace])).toEqual([
    ['magento-migrate', 'production'],
    ['magento-connectors', 'migration'],
  ]);
  for (const manifest of of('Deployment')) {
    const [{ env }] = containersOf(manifest);
    const from = (name: string) => env.find((each: Part) => each.name === name)?.valueFrom.secretKeyRef;
    expect(from('MAGENTO_DB_USER')).toEqual({ name: 'magento-db-secret', key: 'username' });
    expect(from('MAGENTO_DB_PASS')).toEqual({ name: 'magento-db-secret', key: 'password' });
    expect(from('MICRO_DB_USER')).toEqual({ name: 'microservices-db-secret', key: 'username' });
    expect(from('MICRO_DB_PASS')).toEqual({ name: 'microservices-db-secret', key: 'password' });
  }
});

describe('the codec server', () => {
  const kubernetes = join(packageRoot, 'deploy/kubernetes');
  const manifests = render(join(kubernetes, 'codec'));
  const the = (kind: string) => manifests.find((each) => each.kind === kind)!;
  const [container] = containersOf(the('Deployment'));
  const { data } = the('ConfigMap');
  const keys = container.env.find(({ name }: Part) => name === 'PAYLOAD_KEYS');

  test('has the keys of a secret, as every process that speaks to Temporal by the component', () => {
    expect(keys.valueFrom.secretKeyRef).toEqual({ name: 'tandem-payload-keys', key: 'keys' });
    const encrypted = render(join(kubernetes, 'blog'), join(kubernetes, 'encryption'));
    for (const manifest of encrypted.filter(({ kind }) => kind === 'Deployment'))
      expect(containersOf(manifest)[0].env).toContainEqual(keys);
  });

  test('runs, listens where it is asked, and knows whom to ask about a token', async () => {
    expect(await wrongIn(container.args.join(' '))).toBeNull();
    expect(container.envFrom[0].configMapRef.name).toBe(the('ConfigMap').metadata.name);
    expect(unreadBy(pipelines[0]!, data!)).toEqual([]);
    const settings = loadSettings(new Environment(data!));
    expect(settings).toMatchObject({ codecHost: '0.0.0.0', codecIssuer: expect.any(String) });
    const ports = container.ports.map(({ containerPort }: Part) => containerPort);
    expect(ports).toEqual([settings.codecPort, settings.metricsPort, settings.healthPort]);
    const { labels } = the('Deployment').spec.template.metadata;
    expect(labels).toMatchObject(the('Service').spec.selector);
    expect(labels).toMatchObject(the('NetworkPolicy').spec.podSelector.matchLabels);
  });
});
