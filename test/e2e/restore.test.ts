import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { rewindGroup } from '../../src/ingest/kafka/rewind.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { resolveSides } from '../../src/process/config/sides.ts';
import { run } from '../../src/process/run.ts';
import { sideTopics } from '../../src/process/side-topics.ts';
import { runBlog } from '../support/blog-system.ts';
import type { Blog } from '../support/blog-system.ts';
import { differences } from '../support/differences.ts';
import { eventually } from '../support/eventually.ts';
import { readTopics } from '../support/topic-reader.ts';

const tables = ['legacy_users', 'legacy_posts', 'legacy_likes'];
const ledger = ['entity_mappings', 'processed_events', 'local_tombstones'];

/** Rows and ledger of legacy as they are now, in a schema beside them. */
async function backUp(blog: Blog, schema: string): Promise<void> {
  await blog.admin('legacy', `CREATE SCHEMA ${schema}`);
  for (const table of [...tables, ...ledger.map((name) => `tandem.${name}`)])
    await blog.admin('legacy', `CREATE TABLE ${schema}.${table.replace('tandem.', '')} AS TABLE ${table}`);
}

/** Puts them back as a restore does: no trigger sees it, nor does the connector. */
async function restore(blog: Blog, schema: string): Promise<void> {
  const admin = (statement: string) => blog.admin('legacy', statement);
  const triggers = await admin(
    `SELECT tgname AS name, relname AS table FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
     WHERE NOT tgisinternal AND tgenabled = 'A' AND relname = ANY ('{${tables.join()}}')`,
  );
  await admin(`SELECT pg_replication_origin_session_setup('tandem_1')`);
  await admin('BEGIN');
  for (const table of tables) await admin(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
  for (const table of tables.toReversed()) await admin(`DELETE FROM ${table}`);
  for (const table of tables)
    await admin(`INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM ${schema}.${table}`);
  for (const name of ledger) {
    await admin(`DELETE FROM tandem.${name}`);
    await admin(`INSERT INTO tandem.${name} SELECT * FROM ${schema}.${name}`);
  }
  for (const { name, table } of triggers)
    await admin(`ALTER TABLE ${String(table)} ENABLE ALWAYS TRIGGER ${String(name)}`);
  await admin('COMMIT');
  await admin('SELECT pg_replication_origin_session_reset()');
  await admin(`DROP SCHEMA ${schema} CASCADE`);
}

/** The record a new snapshot of revamp would bring of a row, after the likeness of a record that is there. */
async function readOnceMore(blog: Blog, topic: string, name: string): Promise<void> {
  await using reader = await readTopics(blog.kafka, [topic]);
  await reader.catchUp();
  const { value } = reader.records.findLast((record) => record.value?.['after'])! as unknown as {
    value: { after: object; source: object };
  };
  const [row] = await blog.admin(
    'revamp',
    `SELECT id, user_name, email_address, display_name, mobile, account_status, source, sync_clock,
       DATE_FORMAT(created_at, '%Y-%m-%dT%H:%i:%s.%fZ') AS created_at,
       DATE_FORMAT(updated_at, '%Y-%m-%dT%H:%i:%s.%fZ') AS updated_at
     FROM revamp_users WHERE user_name = ?`,
    [name],
  );
  const numbers = { id: Number(row!['id']), sync_clock: Number(row!['sync_clock']) };
  const read = {
    ...value,
    op: 'r',
    before: null,
    after: { ...value.after, ...row, ...numbers },
    source: { ...value.source, row: 1_000_000, snapshot: 'true', gtid: null },
  };
  const producer = blog.kafka.producer();
  await producer.connect();
  await producer.send({
    topic,
    messages: [{ key: JSON.stringify({ id: numbers.id }), value: JSON.stringify(read) }],
  });
  await producer.disconnect();
}

test('a side restored from a backup gets its rows back: what the other side wrote, and what its own app did', async () => {
  const begun = new Date(Date.now() - 10_000);
  await using blog = await runBlog();
  const differed = new Set(await differences(blog));
  const named = (what: string) => `${what}_${blog.run}`;
  const insert = {
    legacy: (name: string) =>
      blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', [
        name,
        `${name}@x.org`,
      ]),
    revamp: (name: string) =>
      blog.app('revamp', 'INSERT INTO revamp_users (user_name, email_address) VALUES (?, ?)', [
        name,
        `${name}@x.org`,
      ]),
  };
  const inLegacy = (name: string) =>
    blog.see('legacy', 'SELECT * FROM legacy_users WHERE username = $1', [name]);
  const inRevamp = (name: string) =>
    blog.see('revamp', 'SELECT * FROM revamp_users WHERE user_name = ?', [name]);
  const goneFromLegacy = (name: string) =>
    blog.see('legacy', 'SELECT 1 FROM legacy_users WHERE username = $1', [name], (row) => row === undefined);

  await insert.legacy(named('kept'));
  await insert.revamp(named('goes'));
  await inRevamp(named('kept'));
  await inLegacy(named('goes'));
  const schema = `backup_${randomUUID().slice(0, 8)}`;
  await backUp(blog, schema);

  await insert.revamp(named('new'));
  await blog.app('revamp', 'UPDATE revamp_users SET display_name = ? WHERE user_name = ?', [
    'after',
    named('kept'),
  ]);
  await blog.app('revamp', 'DELETE FROM revamp_users WHERE user_name = ?', [named('goes')]);
  await insert.legacy(named('own'));
  await inRevamp(named('own'));
  const lost = await inLegacy(named('new'));
  // The other side's ledger knows this row's key here: it was edited by its own app.
  await blog.app('legacy', 'UPDATE legacy_users SET full_name = $1 WHERE id = $2', ['edited', lost['id']]);
  await blog.see('revamp', 'SELECT * FROM revamp_users WHERE display_name = ? AND user_name = ?', [
    'edited',
    named('new'),
  ]);
  await goneFromLegacy(named('goes'));
  const own = await inLegacy(named('own'));
  await blog.see('legacy', 'SELECT 1 FROM legacy_users WHERE full_name = $1 AND username = $2', [
    'after',
    named('kept'),
  ]);

  await blog.running.stop();
  await restore(blog, schema);
  await goneFromLegacy(named('new'));
  await inLegacy(named('goes'));

  const side = resolveSides(blog.pipeline, blog.environment).get('revamp')!;
  const topics = sideTopics(blog.pipeline.sides.get('revamp')!, side);
  const moved = await eventually('the group to be left', () =>
    rewindGroup(blog.kafka, { groupId: side.groupId, topics, to: begun }),
  );
  expect(moved.length).toBeGreaterThan(0);
  await readOnceMore(
    blog,
    topics.find((topic) => topic.endsWith('revamp_users'))!,
    named('own'),
  );
  const again = await run({
    environment: blog.environment,
    pipelines: [blog.pipeline],
    ingest: 'all',
    worker: true,
    log: createLogger({ level: 'silent' }),
  });
  try {
    expect((await inLegacy(named('new')))['id']).toBe(lost['id']);
    expect((await inLegacy(named('own')))['id']).toBe(own['id']);
    await goneFromLegacy(named('goes'));
    await blog.see('legacy', 'SELECT 1 FROM legacy_users WHERE full_name = $1 AND username = $2', [
      'after',
      named('kept'),
    ]);
    const added = async () => (await differences(blog)).filter((each) => !differed.has(each));
    // Of a legacy row that only its own app edited since the backup, the newer version is in revamp.
    await readOnceMore(
      blog,
      topics.find((topic) => topic.endsWith('revamp_users'))!,
      named('new'),
    );
    await blog.see('legacy', 'SELECT 1 FROM legacy_users WHERE full_name = $1 AND username = $2', [
      'edited',
      named('new'),
    ]);
    await eventually('both sides to agree', async () => (await added()).length === 0);
  } finally {
    await again.stop();
  }
});
