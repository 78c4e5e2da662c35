import { test } from '@jest/globals';
import { connectPlain } from '../../src/database/plain-connection.ts';
import { adminUrlVariable } from '../../src/stack/databases.ts';
import { readEnvFile } from '../../src/stack/env-file.ts';
import { eventually } from '../support/eventually.ts';
import { standbyStack } from '../support/test-stack.ts';
import { Drill } from './drill.ts';
import { standbyOf } from './postgres-copy.ts';

const slot = 'tandem_blog_legacy';

test('a promoted standby takes a killed primary’s place while apps write: nothing lost, nothing doubled', async () => {
  await using drill = await Drill.open();
  drill.begin();
  await drill.written('legacy', 20);

  const primary = readEnvFile(drill.stack.folders.env)[adminUrlVariable('legacy')]!;
  await drill.admin('legacy', (session) =>
    session.query(`SELECT pg_create_physical_replication_slot('standby', true)`),
  );
  const server = standbyStack(standbyOf(primary));
  await server.down({ wipe: true });
  const standbyUrl = (await server.up())[adminUrlVariable('legacy')]!;
  try {
    // Neither an app nor the connector is told of what the standby does not have.
    await drill.admin('legacy', async (session) => {
      await session.query(`ALTER SYSTEM SET synchronous_standby_names = 'standby'`);
      await session.query(`ALTER SYSTEM SET synchronized_standby_slots = 'standby'`);
      await session.query('SELECT pg_reload_conf()');
    });
    const standby = await connectPlain('postgres', standbyUrl);
    try {
      await eventually('the slot to be on the standby', async () => {
        const [found] = await standby.query(
          `SELECT 1 FROM pg_replication_slots
           WHERE slot_name = $1 AND synced AND NOT temporary AND invalidation_reason IS NULL`,
          [slot],
        );
        return found !== undefined;
      });
      await drill.written('legacy', 40);
      await drill.held('connect', async () => {
        // Committed and captured by nobody.
        await drill.written('legacy', 20);
        drill.kill('postgres');
      });
      await standby.query('SELECT pg_promote()');
    } finally {
      await standby.close();
    }
    drill.doors.legacy.lead(new URL(standbyUrl).host);
    await drill.operator('connectors', 'apply', 'blog', '--new-epoch', 'legacy');
    await drill.written('legacy', 40);
    await drill.halt();
    await drill.quiet();
    await drill.judge();
  } finally {
    await drill.halt();
    await server.down({ wipe: true });
  }
}, 400_000);
