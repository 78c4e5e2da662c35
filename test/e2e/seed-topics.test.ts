import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import blogDefinition from '../../pipelines/blog/pipeline.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { packageRoot } from '../../src/package-root.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { applyConnectors } from '../../src/process/connectors.ts';
import { run } from '../../src/process/run.ts';
import { openBlog, testEnvironment } from '../support/blog-system.ts';
import { eventually } from '../support/eventually.ts';

const files = { legacy: 'postgres-connector.json', revamp: 'mysql-connector.json' } as const;

/** The product's connectors under other names, with Kafka Connect's own router to one topic per side. */
async function routedConnectors(folder: string, suffix: string): Promise<void> {
  for (const [side, file] of Object.entries(files)) {
    const text = await readFile(join(packageRoot, 'debezium', file), 'utf8');
    const { config } = JSON.parse(text) as { config: Record<string, string> };
    const routed = {
      ...config,
      'snapshot.mode': 'no_data',
      'schema.history.internal.kafka.topic': `${suffix}.schema-history`,
      transforms: 'filter,epoch,route',
      'transforms.route.type': 'org.apache.kafka.connect.transforms.RegexRouter',
      'transforms.route.regex': `${suffix}\\.${side}\\..*`,
      'transforms.route.replacement': `${side}.events`,
    };
    await writeFile(join(folder, file), JSON.stringify({ name: `${suffix}-${side}`, config: routed }));
  }
}

test("with the seeds' topics, legacy.events and revamp.events, both directions work the same", async () => {
  await using blog = await openBlog();
  const suffix = `seed${blog.run}`;
  const side = (name: 'legacy' | 'revamp') => ({
    ...blogDefinition.sides[name]!,
    connector: `${suffix}-${name}`,
    topics: [`${name}.events`],
    groupId: `${suffix}-${name}`,
  });
  const pipeline = compilePipeline({
    ...blogDefinition,
    sides: { legacy: side('legacy'), revamp: side('revamp') },
  });
  const environment = testEnvironment({
    LEGACY_CDC_SLOT: suffix,
    REVAMP_CDC_SERVER_ID: '299001',
    LEGACY_TOPIC_PREFIX: `${suffix}.legacy`,
    REVAMP_TOPIC_PREFIX: `${suffix}.revamp`,
  });
  const folder = await mkdtemp(join(tmpdir(), 'tandem-seed-topics-'));
  try {
    await routedConnectors(folder, suffix);
    await applyConnectors({ pipeline, environment, folder });
    const running = await run({
      environment,
      pipelines: [pipeline],
      ingest: 'all',
      worker: true,
      log: createLogger({ level: 'silent' }),
    });
    try {
      const email = `${suffix}@example.com`;
      await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [suffix, email]);
      const row = await blog.see('revamp', 'SELECT * FROM revamp_users WHERE user_name = ?', [suffix]);
      expect(row).toMatchObject({ email_address: email, source: 'sync_service' });
      // A connector runs before it has noted where the log stands.
      let edit = 0;
      await eventually('an edit in revamp to reach legacy', async () => {
        await blog.app('revamp', 'UPDATE revamp_users SET display_name = ? WHERE user_name = ?', [
          `edit ${++edit}`,
          suffix,
        ]);
        const [found] = await blog.admin('legacy', 'SELECT full_name FROM legacy_users WHERE username = $1', [
          suffix,
        ]);
        return String(found?.['full_name']).startsWith('edit');
      });
      await blog.app('revamp', 'DELETE FROM revamp_users WHERE user_name = ?', [suffix]);
      await blog.see('legacy', 'SELECT 1 FROM legacy_users WHERE username = $1', [suffix], (found) => !found);
    } finally {
      await running.stop();
    }
  } finally {
    for (const name of Object.keys(files))
      await fetch(`${blog.settings.connectUrl}/connectors/${suffix}-${name}`, { method: 'DELETE' });
    await eventually('the slot to be dropped', async () => {
      await blog.admin('legacy', `SELECT pg_drop_replication_slot('${suffix}')`);
      return true;
    });
    await rm(folder, { recursive: true });
  }
}, 300_000);
