import { rename, rm } from 'node:fs/promises';
import { test } from '@jest/globals';
import { connectPlain } from '../../src/database/plain-connection.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import { adminUrlVariable } from '../../src/stack/databases.ts';
import { readEnvFile } from '../../src/stack/env-file.ts';
import { endServer } from '../../src/stack/server-process.ts';
import { entities, words } from '../chaos/words.ts';
import { Drill } from './drill.ts';
import { baseBackup } from './postgres-copy.ts';

/** Of rows that `legacy` lost or has again, by what the other side's ledger knows. */
const known = (revamp: PlainConnection, columns: string, where = '') =>
  revamp.query(`SELECT ${columns} FROM tandem.entity_mappings WHERE source_side = 'legacy'${where}`);

/** No key that the other side knows is given a second time. */
async function bringKeysPast(legacy: PlainConnection, revamp: PlainConnection): Promise<void> {
  for (const entity of entities) {
    const [found] = await known(
      revamp,
      'MAX(CAST(source_key AS UNSIGNED)) AS largest',
      ` AND entity_type = '${entity}'`,
    );
    await legacy.query(`SELECT setval(pg_get_serial_sequence('${words.legacy[entity].table}', 'id'), $1)`, [
      found!['largest'],
    ]);
  }
}

/** What the app of `legacy` deleted since the backup is there again: once more, but for rows that the other side still has. */
async function deleteAgain(legacy: PlainConnection, revamp: PlainConnection, since: Date): Promise<void> {
  const gone = await known(
    revamp,
    'entity_type, source_key, target_key',
    ` AND tombstone_side = 'legacy' AND updated_at > '${since.toISOString().replace('T', ' ').replace('Z', '')}'`,
  );
  for (const entity of entities.toReversed()) {
    const alive = new Set(
      (await revamp.query(`SELECT id FROM ${words.revamp[entity].table}`)).map(({ id }) => String(id)),
    );
    const paired = await legacy.query(
      `SELECT target_key, source_key FROM tandem.entity_mappings WHERE source_side = 'revamp' AND entity_type = $1`,
      [entity],
    );
    const kept = new Set(
      paired
        .filter(({ source_key }) => alive.has(String(source_key)))
        .map(({ target_key }) => String(target_key)),
    );
    const keys = gone
      .filter((row) => row['entity_type'] === entity && !alive.has(String(row['target_key'])))
      .map(({ source_key }) => String(source_key))
      .filter((key) => !kept.has(key));
    await legacy.query(`DELETE FROM ${words.legacy[entity].table} WHERE id = ANY ($1)`, [keys.map(Number)]);
  }
}

test('a target restored from an older backup with its ledger gets back what came since, as the runbook says', async () => {
  await using drill = await Drill.open();
  const plain = readEnvFile(drill.stack.folders.env);
  const admin = plain[adminUrlVariable('legacy')]!;
  drill.begin();
  await drill.written('legacy', 40);
  const { data, backup } = await drill.admin('legacy', async (session) => {
    const [place] = await session.query('SHOW data_directory');
    const data = String(place!['data_directory']);
    return { data, backup: `${data}.backup` };
  });
  const backedUp = new Date();
  await baseBackup(admin, backup);
  await drill.written('legacy', 60);
  await drill.written('revamp', 60);
  await drill.halt();
  await drill.quiet();

  const [ingest] = drill.system.processes;
  await ingest!.drain();
  await endServer(drill.stack.folders.record('postgres'));
  await rm(data, { recursive: true });
  await rename(backup, data);
  await drill.stack.up({ only: ['postgres'] });

  const legacy = await connectPlain('postgres', admin);
  const revamp = await connectPlain('mysql', plain[adminUrlVariable('revamp')]!);
  try {
    await bringKeysPast(legacy, revamp);
    await drill.connect('PUT', 'blog-legacy/stop');
    await drill.connect('DELETE', 'blog-legacy/offsets');
    await drill.operator('connectors', 'apply', 'blog', '--new-epoch', 'legacy');
    await drill.operator('rewind', 'blog/revamp', '--to', drill.since.toISOString());
    await drill.connect('PUT', 'blog-revamp/stop');
    await drill.connect('DELETE', 'blog-revamp/offsets');
    await drill.connect('PUT', 'blog-revamp/resume');
    await ingest!.start();
    await drill.quiet();
    await deleteAgain(legacy, revamp, backedUp);

    drill.begin();
    await drill.written('legacy', 20);
    await drill.halt();
    await drill.quiet();
    // The operator's own deletes are in no app's journal, and the conflicts since the backup were in the ledger that was lost.
    await drill.judge(({ claim }) => !/echo|discarded is recorded/.test(claim));
  } finally {
    await legacy.close();
    await revamp.close();
  }
}, 400_000);
