import { expect, test } from '@jest/globals';
import { connectPlain } from '../../src/database/plain-connection.ts';
import { adminUrlVariable } from '../../src/stack/databases.ts';
import { readEnvFile } from '../../src/stack/env-file.ts';
import { eventually } from '../support/eventually.ts';
import { standbyStack } from '../support/test-stack.ts';
import { Drill } from './drill.ts';
import { promote, replicaPart, replicate } from './mysql-replica.ts';

test('a promoted replica takes a killed source’s place while apps write: its GTIDs go on, its files begin anew', async () => {
  await using drill = await Drill.open();
  drill.begin();
  await drill.written('revamp', 20);

  const sourceUrl = readEnvFile(drill.stack.folders.env)[adminUrlVariable('revamp')]!;
  const server = standbyStack(replicaPart);
  await server.down({ wipe: true });
  const replicaUrl = (await server.up())[adminUrlVariable('revamp')]!;
  try {
    const bare = new URL(replicaUrl);
    bare.pathname = '/';
    const replica = await connectPlain('mysql', bare.href);
    const source = await connectPlain('mysql', sourceUrl);
    try {
      await replicate(replica, source, sourceUrl);
      await eventually('the replica to have received everything', async () => {
        const [state] = await source.query(`SHOW STATUS LIKE 'Rpl_semi_sync_source_clients'`);
        const [ended] = await source.query('SELECT @@gtid_executed AS executed');
        const [reached] = await replica.query('SELECT GTID_SUBSET(?, @@gtid_executed) AS has', [
          ended!['executed'],
        ]);
        return Number(state?.['Value']) === 1 && Number(reached!['has']) === 1;
      });
      await drill.written('revamp', 40);
      await drill.held('connect', async () => {
        // Committed and captured by nobody.
        await drill.written('revamp', 20);
        drill.kill('mysql');
      });
      // Before it finds the replica by itself, in the middle of a transaction.
      await drill.connect('PUT', 'blog-revamp/stop');
      await promote(replica);
      const [log] = await replica.query('SHOW BINARY LOG STATUS');
      expect(String(log!['Executed_Gtid_Set'])).toContain(':tandem:');
    } finally {
      await source.close().catch(() => undefined);
      await replica.close();
    }
    drill.doors.revamp.lead(new URL(replicaUrl).host);
    await drill.operator('connectors', 'apply', 'blog', '--new-epoch', 'revamp');
    await drill.written('revamp', 40);
    await drill.halt();
    await drill.quiet();
    await drill.judge();
  } finally {
    await drill.halt();
    await server.down({ wipe: true });
  }
}, 400_000);
