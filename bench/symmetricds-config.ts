import { join } from 'node:path';
import type { PlainConnection } from '../src/database/plain-connection.ts';
import type { Download } from '../src/stack/download.ts';
import { runMaven } from '../src/stack/fetch/maven.ts';
import type { Artifact } from '../src/stack/fetch/maven.ts';
import { propertiesFile } from '../src/stack/parts/java.ts';
import { otherSide, sides } from '../test/chaos/words.ts';
import type { Side } from '../test/chaos/words.ts';

export type Databases = Readonly<Record<Side, PlainConnection>>;

const version = '3.15.22';
const library = (group: string, name: string, version: string): Artifact => ({ group, name, version });
const symmetric = (name: string): Artifact => library('org.jumpmind.symmetric', name, version);

/** What `symmetric-server` asks for and its client does not, as far as a plain HTTP server of two engines needs it. */
const serverLibraries: readonly Artifact[] = [
  library('org.springframework.boot', 'spring-boot-autoconfigure', '3.5.5'),
  library('org.springframework.boot', 'spring-boot-starter-jetty', '3.5.5'),
  library('org.springframework', 'spring-webmvc', '6.2.11'),
  library('org.apache.logging.log4j', 'log4j-core', '2.23.1'),
  library('org.apache.logging.log4j', 'log4j-slf4j2-impl', '2.23.1'),
  library('org.slf4j', 'jul-to-slf4j', '2.0.13'),
  library('org.slf4j', 'jcl-over-slf4j', '2.0.13'),
  library('org.apache.commons', 'commons-fileupload2-jakarta-servlet6', '2.0.0-M4'),
];

/**
 * GPL: only ever run as a process of its own. `symmetric-server` asks for `symmetric-wrapper`, which was never published, so
 * its jar is copied by itself and what it needs is named here.
 */
export const symmetricDs: Download = {
  name: `symmetricds-${version}`,
  title: 'SymmetricDS',
  bytes: 45_000_000,
  tools: ['java', 'maven'],
  async fetch(into, context) {
    const dependencies = [
      symmetric('symmetric-client'),
      ...serverLibraries,
      // Its own code needs this one; Maven would settle on an older one that another library names.
      library('org.apache.commons', 'commons-lang3', '3.18.0'),
      library('org.postgresql', 'postgresql', '42.7.8'),
      library('com.mysql', 'mysql-connector-j', '9.4.0'),
    ];
    const steps = [
      { goal: 'copy-dependencies', folder: 'libs' },
      { goal: 'copy', folder: 'libs', artifacts: [symmetric('symmetric-server')] },
    ];
    await runMaven({ self: library('tandem', 'bench', '1'), dependencies, steps }, into, context);
  },
};

/** Everything made in either database carries it, so that it can be told from the rest and dropped. */
const prefix = 'bench_sym';

export const tables: Readonly<Record<Side, string>> = {
  legacy: `${prefix}_legacy`,
  revamp: `${prefix}_revamp`,
};

/** Column of `legacy`, column of `revamp`. */
const columns: readonly (readonly [string, string])[] = [
  ['id', 'id'],
  ['user_id', 'author_id'],
  ['post_title', 'title'],
  ['post_content', 'content'],
  ['created_at', 'created_at'],
  ['updated_at', 'updated_at'],
];

export async function makeTables({ legacy, revamp }: Databases): Promise<void> {
  await legacy.query(
    `CREATE TABLE ${tables.legacy} (id bigint PRIMARY KEY, user_id bigint NOT NULL, post_title varchar(255) NOT NULL,
      post_content text, created_at timestamptz(6) NOT NULL DEFAULT now(), updated_at timestamptz(6) NOT NULL DEFAULT now())`,
  );
  await revamp.query(
    `CREATE TABLE ${tables.revamp} (id BIGINT PRIMARY KEY, author_id BIGINT NOT NULL, title VARCHAR(255) NOT NULL,
      content LONGTEXT, created_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
      updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin`,
  );
}

/** Both tables and all that SymmetricDS made: its tables with their triggers, its functions, its sequence. */
export async function dropAll({ legacy, revamp }: Databases): Promise<void> {
  const ours = `'^f?${prefix}_'`;
  const dropInPostgres = await legacy.query(
    `SELECT format('DROP TABLE %I CASCADE', relname) AS statement FROM pg_class
      WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname ~ ${ours}
     UNION ALL SELECT format('DROP FUNCTION %s CASCADE', oid::regprocedure) FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace AND proname ~ ${ours}
     UNION ALL SELECT format('DROP SEQUENCE IF EXISTS %I', relname) FROM pg_class
      WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace AND relname ~ ${ours}`,
  );
  for (const { statement } of dropInPostgres) await legacy.query(String(statement));
  const dropInMysql = await revamp.query(
    `SELECT CONCAT('DROP TABLE \`', table_name, '\`') AS statement FROM information_schema.tables
      WHERE table_schema = DATABASE() AND table_name REGEXP ${ours}
     UNION ALL SELECT CONCAT('DROP FUNCTION \`', routine_name, '\`') FROM information_schema.routines
      WHERE routine_schema = DATABASE() AND routine_name REGEXP ${ours}`,
  );
  await revamp.query('SET foreign_key_checks = 0');
  for (const { statement } of dropInMysql) await revamp.query(String(statement));
}

/** Whether its three triggers stand on both tables. */
export async function hasTriggers({ legacy, revamp }: Databases): Promise<boolean> {
  const [inPostgres] = await legacy.query(
    `SELECT count(*) AS n FROM pg_trigger WHERE tgrelid = '${tables.legacy}'::regclass AND NOT tgisinternal`,
  );
  const [inMysql] = await revamp.query(
    `SELECT COUNT(*) AS n FROM information_schema.triggers
      WHERE event_object_schema = DATABASE() AND event_object_table = '${tables.revamp}'`,
  );
  return Number(inPostgres!['n']) === 3 && Number(inMysql!['n']) === 3;
}

const drivers: Readonly<Record<Side, string>> = {
  legacy: 'org.postgresql.Driver',
  revamp: 'com.mysql.cj.jdbc.Driver',
};

function jdbcUrl(side: Side, { host, pathname }: URL): string {
  return side === 'legacy'
    ? `jdbc:postgresql://${host}${pathname}?stringtype=unspecified`
    : `jdbc:mysql://${host}${pathname}?rewriteBatchedStatements=true&connectionTimeZone=UTC`;
}

const syncUrl = (port: number, side: Side): string => `http://127.0.0.1:${port}/sync/${side}`;

/** An engine as SymmetricDS's guide sets one up, its jobs every 50 ms. `legacy` is the one that the other registers with. */
export function engineProperties(side: Side, adminUrl: string, port: number, script: string): string {
  const url = new URL(adminUrl);
  return propertiesFile({
    'engine.name': side,
    'group.id': side,
    'external.id': side,
    'sync.url': syncUrl(port, side),
    'registration.url': side === 'legacy' ? '' : syncUrl(port, 'legacy'),
    'db.driver': drivers[side],
    'db.url': jdbcUrl(side, url),
    'db.user': decodeURIComponent(url.username),
    'db.password': decodeURIComponent(url.password),
    'sync.table.prefix': prefix,
    'sync.trigger.prefix': prefix,
    'auto.registration': 'true',
    ...(side === 'legacy' && { 'auto.config.registration.svr.sql.script': script }),
    'registration.max.time.between.retries': 1,
    'job.random.max.start.time.ms': 1,
    'job.routing.period.time.ms': 50,
    'job.push.period.time.ms': 50,
    'job.pull.period.time.ms': 50,
  });
}

const insert = (table: string, row: Readonly<Record<string, string | number>>): string =>
  `INSERT INTO ${prefix}_${table} (${Object.keys(row).join(', ')}) VALUES (${Object.values(row)
    .map((value) => (typeof value === 'number' || value === 'current_timestamp' ? value : `'${value}'`))
    .join(', ')});`;

const moments = { create_time: 'current_timestamp', last_update_time: 'current_timestamp' };

/** Captures one side's table, routes its changes to the other side, and renames table and columns there. */
function oneWay(from: Side): string[] {
  const to = otherSide[from];
  const link = { source_node_group_id: from, target_node_group_id: to };
  const names = columns.map(([legacy, revamp]) => (from === 'legacy' ? [legacy, revamp] : [revamp, legacy]));
  return [
    // W: the other side, which registered here, pulls; P: it pushes.
    insert('node_group_link', { ...link, data_event_action: from === 'legacy' ? 'W' : 'P', ...moments }),
    insert('router', { router_id: from, ...link, router_type: 'default', ...moments }),
    insert('trigger', {
      trigger_id: from,
      source_table_name: tables[from],
      channel_id: 'default',
      ...moments,
    }),
    insert('trigger_router', { trigger_id: from, router_id: from, ...moments }),
    insert('transform_table', {
      transform_id: from,
      ...link,
      transform_point: 'LOAD',
      source_table_name: tables[from],
      target_table_name: tables[to],
      delete_action: 'DEL_ROW',
      column_policy: 'SPECIFIED',
      ...moments,
    }),
    ...names.map(([source, target]) =>
      insert('transform_column', {
        transform_id: from,
        include_on: '*',
        source_column_name: source!,
        target_column_name: target!,
        pk: target === 'id' ? 1 : 0,
        ...moments,
      }),
    ),
  ];
}

/** Rows of SymmetricDS's configuration tables, for its first start: two groups of one node, synchronized both ways. */
export const configurationScript = (): string =>
  [
    ...sides.map((side) => insert('node_group', { node_group_id: side, ...moments })),
    ...sides.flatMap(oneWay),
    '',
  ].join('\n');

/** Arguments before the class path: one HTTP server on loopback for both engines, whose files stay in the folder. */
export const systemProperties = (folder: string, port: number): string[] =>
  Object.entries({
    'symmetric.default.http.port': port,
    'host.bind.name': '127.0.0.1',
    'symmetric.engines.dir': join(folder, 'engines'),
    'java.io.tmpdir': folder,
    'user.timezone': 'UTC',
    // Else it takes a text with a binary collation for bytes, and the other side gets them in hexadecimal digits.
    'mysqlddlreader.converttexttolob': 'false',
    'logging.level.root': 'error',
  }).map(([name, value]) => `-D${name}=${value}`);
