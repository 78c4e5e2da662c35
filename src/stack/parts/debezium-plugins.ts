import { copyFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runMaven } from '../fetch/maven.ts';
import type { Artifact } from '../fetch/maven.ts';
import { assertDigest } from '../fetch/tree-digest.ts';
import type { Download } from '../download.ts';

const connector = (name: string, version: string): Artifact => ({
  group: 'io.debezium',
  name,
  version,
  classifier: 'plugin',
  type: 'tar.gz',
});

/** PostgreSQL's before 3.7 can lose rows on a restart; MySQL's before 3.6 misreports tagged GTIDs. */
const connectors = [
  connector('debezium-connector-postgres', '3.7.0.Final'),
  connector('debezium-connector-mysql', '3.6.1.Final'),
];

const scriptingVersion = '3.5.0.Final';
const groovy = (name: string): Artifact => ({ group: 'org.apache.groovy', name, version: '5.0.2' });

/** The filter transformation and its script engine. */
const scripting: readonly Artifact[] = [
  { group: 'io.debezium', name: 'debezium-scripting', version: scriptingVersion },
  groovy('groovy'),
  groovy('groovy-jsr223'),
  groovy('groovy-json'),
];

/**
 * The scripting jar names a parent project that its publisher never published, and Maven refuses an artifact
 * whose parent it cannot find. So this project takes the missing parent's name: Maven looks there first.
 */
const self: Artifact = { group: 'io.debezium', name: 'debezium-scripting-parent', version: scriptingVersion };

const digest = '23641359fb11b516fa562a30db4d26fb166b546ea30fe4bd878a17e7e8bbac18';

/** One folder for each connector, as Kafka Connect's `plugin.path` wants them. */
export const debeziumDownload: Download = {
  name: `debezium-${connectors.map(({ version }) => version.replace('.Final', '')).join('-')}`,
  title: 'Debezium connectors',
  bytes: 55_000_000,
  tools: ['java', 'maven'],
  async fetch(into, context) {
    const plugins = join(into, 'plugins');
    const jars = join(into, 'scripting');
    const steps = [
      { goal: 'unpack', folder: 'plugins', artifacts: connectors },
      { goal: 'copy', folder: 'scripting', artifacts: scripting },
    ];
    await runMaven({ self, steps }, into, context);
    // In a folder of their own the script engine is not found: each connector needs its copy.
    for (const plugin of await readdir(plugins))
      for (const jar of await readdir(jars)) await copyFile(join(jars, jar), join(plugins, plugin, jar));
    await rm(jars, { recursive: true });
    await assertDigest(plugins, digest);
  },
};

export const debeziumPlugins = (downloads: string): string =>
  join(downloads, debeziumDownload.name, 'plugins');

/** Classes that a worker with these plugins offers. */
export const connectorClasses = [
  'io.debezium.connector.postgresql.PostgresConnector',
  'io.debezium.connector.mysql.MySqlConnector',
];
