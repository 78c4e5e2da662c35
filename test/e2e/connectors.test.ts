import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Kafka } from 'kafkajs';
import { pino } from 'pino';
import { packageRoot } from '../../src/package-root.ts';
import blog from '../../pipelines/blog/pipeline.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import { openDatabase } from '../../src/database/open.ts';
import type { FeedPosition } from '../../src/ingest/change-feed.ts';
import { connectors } from '../../src/doctor/checks/connectors.ts';
import { tables } from '../../src/doctor/checks/tables.ts';
import { Health } from '../../src/observability/health.ts';
import { createMetrics } from '../../src/observability/create-metrics.ts';
import { Troubles } from '../../src/observability/troubles.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { Environment } from '../../src/process/config/environment.ts';
import { loadSettings } from '../../src/process/config/settings.ts';
import { resolveSides } from '../../src/process/config/sides.ts';
import { ConnectorsWatch } from '../../src/process/connectors/watch.ts';
import { observeTroubles, watchdog } from '../../src/process/watchdog.ts';
import { applyConnectors, ConnectorsNotRunning, registeredEpoch } from '../../src/process/connectors.ts';
import { ConnectRest } from '../../src/process/connectors/connect-rest.ts';
import { blogDatabases } from '../support/blog-databases.ts';
import type { BlogSide } from '../support/blog-databases.ts';
import { eventually } from '../support/eventually.ts';
import { examine, fixAll } from '../support/examine.ts';
import { trustStore } from '../support/encrypted/parts.ts';
import { testAddresses } from '../support/test-stack.ts';
import { readTopics } from '../support/topic-reader.ts';
import { testKafka } from '../support/pipeline-system.ts';
import type { ReadRecord, TopicReader } from '../support/topic-reader.ts';

const run = `t${randomBytes(4).toString('hex')}`;
const sideNames = ['legacy', 'revamp'] as const;
type SideName = (typeof sideNames)[number];

/** `blog`, with connectors of this run. */
const pipeline = compilePipeline({
  ...blog,
  sides: {
    legacy: { ...blog.sides['legacy']!, connector: `${run}-legacy` },
    revamp: { ...blog.sides['revamp']!, connector: `${run}-revamp` },
  },
});
const files: Record<SideName, string> = { legacy: 'postgres-connector.json', revamp: 'mysql-connector.json' };

let sides: Record<SideName, BlogSide>;
let rest: ConnectRest;
let kafka: Kafka;
let connectUrl: string;
let environment: Environment;
let folder: string;
let snapshotKeys: Record<SideName, string[]>;

const prefix = (side: SideName) => `${run}.${side}`;
const connectorName = (side: SideName) => `${run}-${side}`;
const topics = (side: SideName) =>
  ['users', 'posts', 'likes'].map(
    (entity) => `${prefix(side)}.${side === 'legacy' ? 'public' : sides[side].database}.${side}_${entity}`,
  );

beforeAll(async () => {
  const addresses = testAddresses();
  sides = await blogDatabases('connectors');
  environment = new Environment(
    {
      LEGACY_DATABASE_URL: sides.legacy.url,
      REVAMP_DATABASE_URL: sides.revamp.url,
      LEGACY_ADMIN_URL: sides.legacy.adminUrl,
      REVAMP_ADMIN_URL: sides.revamp.adminUrl,
      LEGACY_TOPIC_PREFIX: prefix('legacy'),
      REVAMP_TOPIC_PREFIX: prefix('revamp'),
      LEGACY_CDC_SLOT: run,
      REVAMP_CDC_SERVER_ID: String(200_000 + randomBytes(2).readUInt16BE()),
      LEGACY_TOPICS: topics('legacy').join(),
      REVAMP_TOPICS: topics('revamp').join(),
    },
    addresses,
  );
  const settings = loadSettings(environment);
  connectUrl = settings.connectUrl;
  rest = new ConnectRest(connectUrl, { patienceMs: 60_000 });
  kafka = testKafka(run);
  snapshotKeys = { legacy: await rowsBefore('legacy'), revamp: await rowsBefore('revamp') };
  folder = await mkdtemp(join(tmpdir(), 'tandem-connectors-'));
  await writeConnectors(folder);
  await applyConnectors({ pipeline, environment, folder });
});

afterAll(async () => {
  for (const side of sideNames)
    await fetch(`${connectUrl}/connectors/${connectorName(side)}`, { method: 'DELETE' });
  const { admin } = sides.legacy;
  await eventually('the slot to be dropped', async () => {
    const dropped = await admin.query(
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1`,
      [run],
    );
    return dropped !== null;
  });
  await Promise.all(sideNames.map((side) => sides[side].admin.close()));
  await rm(folder, { recursive: true });
});

/** The product's own files, under names of this run, with heartbeats often enough to see some. */
async function writeConnectors(into: string, more: Record<string, string> = {}): Promise<void> {
  for (const side of sideNames) {
    const text = await readFile(join(packageRoot, 'debezium', files[side]), 'utf8');
    const { config } = JSON.parse(text) as { config: Record<string, string> };
    const changed = { ...config, 'heartbeat.interval.ms': '500', ...more };
    await writeFile(join(into, files[side]), JSON.stringify({ name: connectorName(side), config: changed }));
  }
}

const addUser = (
  side: BlogSide,
  connection: PlainConnection,
  username: string,
  more: Record<string, string> = {},
) =>
  side.insert(
    connection,
    `INSERT INTO ${side.users} (${[side.name, side.email, ...Object.keys(more)].join()})
      VALUES (${[`'${username}'`, `'${username}@example.com'`, ...Object.values(more)].join()})`,
  );

/** One instant, written from another time zone. */
const instant = (side: SideName) => ({
  created_at: `'2024-03-01 08:59:59.123456${side === 'legacy' ? '+09' : '+09:00'}'`,
});

/** Rows for the snapshot: one of the app, one of Tandem. */
async function rowsBefore(name: SideName): Promise<string[]> {
  const app = await sides[name].connect(`${name}_app`);
  const sync = await sides[name].connect('sync_service');
  const keys = [
    await addUser(sides[name], app, 'from_the_app', instant(name)),
    await addUser(sides[name], sync, 'from_tandem', { source: `'sync_service'`, sync_clock: '5' }),
  ];
  await app.close();
  await sync.close();
  return keys;
}

test('what Kafka Connect shows of a connector holds no secret, but where it finds them', async () => {
  for (const side of sideNames) {
    const shown = await Promise.all(
      ['config', 'tasks'].map(async (what) =>
        (await fetch(`${connectUrl}/connectors/${connectorName(side)}/${what}`)).text(),
      ),
    );
    const secrets = shown.map((text) => text.match(/"[^"]*(?:password|jaas[^"]*)":"[^"]*"/g) ?? []);
    expect(secrets.map((found) => found.length)).toEqual(Array(2).fill(secrets[0]!.length));
    expect(secrets.flat()).toContain(`"database.password":"\${env:${side.toUpperCase()}_CDC_PASSWORD}"`);
    for (const secret of secrets.flat()) expect(secret).toMatch(/":"\$\{env:\w+\}"$/);
    expect(shown.join()).not.toContain(trustStore.password);
  }
});

const op = (record: ReadRecord) => String(record.value?.['op']);
const image = (record: ReadRecord, which: 'before' | 'after') =>
  record.value?.[which] as Record<string, unknown> | null | undefined;

test('applying again changes nothing', async () => {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const written = () => admin.fetchTopicOffsets('connect-config');
    const before = await written();
    const statuses = await applyConnectors({ pipeline, environment, folder });
    expect(statuses.map(({ state }) => state)).toEqual(['RUNNING', 'RUNNING']);
    expect(await written()).toEqual(before);
  } finally {
    await admin.disconnect();
  }
});

describe.each(sideNames)('the connector of %s', (name) => {
  let side: BlogSide;
  let app: PlainConnection;
  let sync: PlainConnection;
  let reader: TopicReader;

  const insert = (connection: PlainConnection, username: string, more?: Record<string, string>) =>
    addUser(side, connection, username, more);
  const ofKey = (id: string) => reader.records.filter(({ key }) => String(key?.['id']) === id);
  const opsOf = (id: string) => ofKey(id).map(op);
  let sentinels = 0;
  /** Writes a row as the app and reads until it has come, and with it all that was written before. */
  const passed = async () => {
    const id = await insert(app, `sentinel${(sentinels += 1)}`);
    await eventually('the sentinel row', () => ofKey(id).length > 0);
    await reader.catchUp();
  };
  const running = async () => {
    const status = await rest.status(connectorName(name));
    expect(status).toMatchObject({ state: 'RUNNING', tasks: [{ state: 'RUNNING', cause: [] }] });
  };

  beforeAll(async () => {
    side = sides[name];
    app = await side.connect(`${name}_app`);
    sync = await side.connect('sync_service');
    reader = await readTopics(kafka, topics(name));
    await eventually('the snapshot', () => snapshotKeys[name].every((id) => ofKey(id).length > 0), 60_000);
  });

  afterAll(async () => {
    await reader[Symbol.asyncDispose]();
    await app.close();
    await sync.close();
  });

  test('a snapshot brings every row, those that Tandem wrote too', async () => {
    await passed();
    const [own, tandems] = snapshotKeys[name].map((id) => ofKey(id));
    expect(own!.map(op)).toEqual(['r']);
    expect(tandems!.map(op)).toEqual(['r']);
    expect(image(tandems![0]!, 'after')).toMatchObject({ source: 'sync_service', sync_clock: 5 });
  });

  test("the app's insert, update and delete arrive, with whole rows and the epoch", async () => {
    const id = await insert(app, 'arrives');
    await app.query(`UPDATE ${side.users} SET ${side.name} = 'arrived' WHERE id = ${id}`);
    await app.query(`DELETE FROM ${side.users} WHERE id = ${id}`);
    await passed();
    expect(opsOf(id)).toEqual(['c', 'u', 'd']);
    const [created, updated, deleted] = ofKey(id);
    expect(image(created!, 'after')).toMatchObject({ [side.name]: 'arrives', source: name });
    expect(image(updated!, 'before')).toEqual(image(created!, 'after'));
    expect(image(deleted!, 'before')).toEqual(image(updated!, 'after'));
    expect(image(deleted!, 'before')).toMatchObject({ [side.name]: 'arrived', source: name });
    expect(new Set(reader.records.map(({ headers }) => headers['tandem.epoch']))).toEqual(new Set(['1']));
  });

  test('under a new epoch its records carry it, also if it was stopped, and applying again does not lower it', async () => {
    await fetch(`${connectUrl}/connectors/${connectorName(name)}/stop`, { method: 'PUT' });
    await applyConnectors({ pipeline, environment, folder, newEpoch: name });
    await applyConnectors({ pipeline, environment, folder });
    expect(await registeredEpoch({ pipeline, environment }, name)).toBe(2);
    const id = await insert(app, 'in_a_new_epoch');
    await passed();
    expect(ofKey(id).map(({ headers }) => headers['tandem.epoch'])).toEqual(['2']);
  });

  test('nothing arrives of what Tandem writes under its mark, its deletes neither', async () => {
    const before = reader.records.length;
    const database = openDatabase({ engine: side.engine, side: name, url: side.url, poolSize: 2 });
    const table = pipeline.sides.get(name)!.tables.find((each) => each.name === side.users)!;
    try {
      expect(await database.capabilities()).toMatchObject({ originMarks: true });
      const values = { [side.name]: 'marked', [side.email]: 'marked@example.com' };
      const key = await database.transaction((tx) => tx.insertRow(table, null, values, { clock: 7n }));
      await database.transaction((tx) => tx.updateRow(table, key, { [side.name]: 'still' }, { clock: 8n }));
      // A delete that only the mark can tell: the row looks like the app's.
      await side.admin.query(
        `UPDATE ${side.users} SET ${side.unmapped} = CURRENT_TIMESTAMP WHERE id = ${key}`,
      );
      const appsRow = await insert(app, 'of_the_app');
      await database.transaction((tx) => tx.deleteRow(table, key));
      await database.transaction((tx) => tx.deleteRow(table, appsRow));
      await passed();
      expect(opsOf(key)).toEqual([]);
      expect(opsOf(appsRow)).toEqual(['c']);
      expect(reader.records.length - before).toBe(2);
    } finally {
      await database.close();
    }
  });

  test('without a mark the writer’s name in `source` holds an insert and an update back, never a delete', async () => {
    const id = await insert(sync, 'unmarked', { source: `'sync_service'`, sync_clock: '5' });
    await sync.query(`UPDATE ${side.users} SET ${side.name} = 'unmarked2' WHERE id = ${id}`);
    await sync.query(`DELETE FROM ${side.users} WHERE id = ${id}`);
    await passed();
    expect(opsOf(id)).toEqual(['d']);
  });

  test("the app's update and delete of a row that Tandem wrote arrive", async () => {
    const ids = [
      await insert(sync, 'synced1', { source: `'sync_service'`, sync_clock: '5' }),
      await insert(sync, 'synced2', { source: `'sync_service'`, sync_clock: '5' }),
    ];
    await app.query(`UPDATE ${side.users} SET ${side.name} = 'edited' WHERE id = ${ids[0]}`);
    await app.query(`DELETE FROM ${side.users} WHERE id = ${ids[1]}`);
    await passed();
    expect(opsOf(ids[0]!)).toEqual(['u']);
    expect(image(ofKey(ids[0]!)[0]!, 'before')).toMatchObject({ source: 'sync_service', sync_clock: 5 });
    expect(opsOf(ids[1]!)).toEqual(['d']);
  });

  test('a cascade arrives row by row', async () => {
    const author = await insert(app, 'author');
    const post = await side.insert(
      app,
      `INSERT INTO ${side.posts} (${side.author}, ${side.title}) VALUES (${author}, 'Goes with its author')`,
    );
    const like = await side.insert(
      app,
      `INSERT INTO ${side.likes} (${side.liker}, ${side.article}) VALUES (${author}, ${post})`,
    );
    await app.query(`DELETE FROM ${side.users} WHERE id = ${author}`);
    await passed();
    for (const id of [author, post, like]) expect(opsOf(id)).toEqual(['c', 'd']);
  });

  test('an instant is the same in the snapshot and in the log, to the microsecond', async () => {
    const id = await insert(app, 'instant', instant(name));
    await passed();
    for (const key of [snapshotKeys[name][0]!, id])
      expect(image(ofKey(key)[0]!, 'after')).toMatchObject({ created_at: '2024-02-29T23:59:59.123456Z' });
  });

  test('TRUNCATE and heartbeats pass the filter and do no harm', async () => {
    if (name === 'legacy') {
      await side.admin.query(`TRUNCATE ${side.likes}`);
      await passed();
      expect(reader.records.map(op)).toContain('t');
    }
    const admin = kafka.admin();
    await admin.connect();
    try {
      await eventually('heartbeats', async () => {
        const offsets = await admin.fetchTopicOffsets(`__debezium-heartbeat.${prefix(name)}`);
        return offsets.some(({ high }) => BigInt(high) > 1n);
      });
    } finally {
      await admin.disconnect();
    }
    await running();
  });

  test('a task that fails says why, and nothing of a row', async () => {
    const config = (await rest.config(connectorName(name)))!;
    const broken = { ...config, 'transforms.filter.condition': `value.after.nowhere == 'x'` };
    await rest.configure(connectorName(name), broken);
    let secrets = 0;
    const failed = await eventually(
      'the task to fail',
      async () => {
        // The task from before the change may take some of them yet.
        await insert(app, `secret${(secrets += 1)}`);
        const status = await rest.status(connectorName(name));
        return status?.tasks.some(({ state }) => state === 'FAILED') ? status : null;
      },
      60_000,
    );
    const { cause } = failed.tasks[0]!;
    expect(cause.length).toBeGreaterThan(0);
    expect(cause.join()).toMatch(/Exception/);
    expect(cause.join()).not.toMatch(/secret|example\.com/);
    await rest.configure(connectorName(name), config);
    await eventually(
      'the task to run again',
      async () => {
        const status = await rest.status(connectorName(name));
        return status?.tasks.length === 1 && status.tasks[0]!.state === 'RUNNING';
      },
      60_000,
    );
    await passed();
    const names = new Set(reader.records.map((record) => image(record, 'after')?.[side.name]));
    for (let secret = 1; secret <= secrets; secret += 1) expect(names).toContain(`secret${secret}`);
  });
});

test('the slot moves on while only other tables of PostgreSQL change, and nothing is lost after it', async () => {
  const { admin } = sides.legacy;
  await admin.query('CREATE TABLE elsewhere AS SELECT n FROM generate_series(1, 10000) n');
  const [row] = await admin.query('SELECT pg_current_wal_lsn()::text AS lsn');
  const reader = await readTopics(kafka, topics('legacy'));
  const app = await sides.legacy.connect('legacy_app');
  const connector = `${connectUrl}/connectors/${connectorName('legacy')}`;
  try {
    await eventually('the slot to pass it', async () => {
      const passed = await admin.query(
        'SELECT FROM pg_replication_slots WHERE slot_name = $1 AND confirmed_flush_lsn >= $2::pg_lsn',
        [run, row!['lsn']],
      );
      return passed.length === 1;
    });
    await fetch(`${connector}/stop`, { method: 'PUT' });
    await eventually('the connector to stop', async () => {
      const active = await admin.query('SELECT FROM pg_replication_slots WHERE slot_name = $1 AND active', [
        run,
      ]);
      return active.length === 0;
    });
    const keys: string[] = [];
    for (const username of ['while1', 'while2', 'while3'])
      keys.push(await addUser(sides.legacy, app, username));
    await fetch(`${connector}/resume`, { method: 'PUT' });
    await eventually('what was written while it was away', () =>
      keys.every((id) => reader.records.some(({ key }) => String(key?.['id']) === id)),
    );
  } finally {
    await reader[Symbol.asyncDispose]();
    await app.close();
  }
});

test('applying names the cause where a task does not start, and mends it', async () => {
  const broken = await mkdtemp(join(tmpdir(), 'tandem-connectors-'));
  await writeConnectors(broken, { 'publication.name': 'nobody_made_it' });
  const failure: unknown = await applyConnectors({
    pipeline,
    environment,
    folder: broken,
    patienceMs: 40_000,
  }).catch((error: unknown) => error);
  await rm(broken, { recursive: true });
  expect(failure).toBeInstanceOf(ConnectorsNotRunning);
  expect(String(failure)).toMatch(
    /legacy: RUNNING, task 0 FAILED\n.*\n.*Publication autocreation is disabled/,
  );

  const asked = [tables, connectors];
  const fixed = await fixAll(environment, pipeline, asked);
  expect(fixed).toContainEqual({
    subject: `connector ${connectorName('legacy')}`,
    did: 'restarted what had failed: it runs',
    failure: null,
  });
  expect(fixed.filter(({ subject }) => subject.startsWith('blog/legacy: publication of '))).toHaveLength(3);
  const found = await examine(environment, pipeline, { asked });
  expect([...found.values()].flat().filter(({ status }) => status === 'fail')).toEqual([]);

  const statuses = await applyConnectors({ pipeline, environment, folder });
  expect(statuses.map(({ state }) => state)).toEqual(['RUNNING', 'RUNNING']);
});

test('a task that failed is seen, named and restarted, and what the logs still hold is told', async () => {
  const { admin } = sides.legacy;
  const name = connectorName('legacy');
  const config = (await rest.config(name))!;
  await rest.configure(name, { ...config, 'publication.name': 'comes_later' });
  await eventually(
    'the task to fail',
    async () => (await rest.status(name))?.tasks.some(({ state }) => state === 'FAILED'),
    60_000,
  );
  // Repaired, and nobody tells Kafka Connect.
  await admin.query('CREATE PUBLICATION comes_later FOR TABLE legacy_users, legacy_posts, legacy_likes');
  const metrics = createMetrics({ processMetrics: false });
  const log = pino({ level: 'silent' });
  const troubles = new Troubles(observeTroubles(metrics, log));
  const health = new Health({ troubles });
  const position = () => ({ ...({} as FeedPosition), leads: true });
  const over = new AbortController();
  const watch = new ConnectorsWatch({ rest, connectors: sideNames.map(connectorName) });
  const looking = watch.watch(over.signal, 1000);
  const watching = watchdog(
    {
      ingesters: sideNames.map((side) => ({ pipeline, side, position })),
      sides: new Map([[pipeline.name, resolveSides(pipeline, environment)]]),
      connectUrl,
      connectors: watch,
      health,
      troubles,
      metrics,
      log,
    },
    over.signal,
  );
  try {
    const report = await eventually('the trouble to be named', async () => {
      const { status, troubles: named } = await health.report();
      return named.length > 0 ? { status, named } : null;
    });
    expect(report).toMatchObject({ status: 'unhealthy', named: [{ trouble: 'connector_failed', name }] });
    await eventually('it to be over', () => troubles.open().length === 0, 60_000);
    await eventually('the headroom', async () =>
      (await metrics.expose()).includes('sync_log_headroom_seconds{'),
    );
  } finally {
    over.abort();
    await Promise.all([watching, looking]);
  }
  expect(await rest.status(name)).toMatchObject({ state: 'RUNNING', tasks: [{ state: 'RUNNING' }] });
  const shown = await metrics.expose();
  for (const line of [
    `sync_trouble_detected_total{trouble="connector_failed",name="${name}"} 1`,
    `sync_connector_restarts_total{connector="${name}"} 1`,
    `sync_trouble_repaired_total{trouble="connector_failed",name="${name}"} 1`,
  ])
    expect(shown).toContain(line);
});
