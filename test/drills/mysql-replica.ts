import type { PlainConnection } from '../../src/database/plain-connection.ts';
import type { Part } from '../../src/stack/part.ts';
import { mysql } from '../../src/stack/parts/mysql.ts';

/** MySQL under another server id, empty: whatever comes into it is replicated. */
export const replicaPart: Part = {
  ...mysql,
  async plan(context) {
    const plan = await mysql.plan(context);
    return {
      ...plan,
      async server() {
        const server = await plan.server();
        const args = [...server.command.args, '--server-id=2'];
        return { ...server, command: { ...server.command, args }, settle: () => Promise.resolve() };
      },
    };
  },
};

/** Begins to replicate everything the source ever logged; from here on the source acknowledges what the replica has received. */
export async function replicate(
  replica: PlainConnection,
  source: PlainConnection,
  sourceUrl: string,
): Promise<void> {
  const { hostname, port, username, password } = new URL(sourceUrl);
  await replica.query(`INSTALL PLUGIN rpl_semi_sync_replica SONAME 'semisync_replica.so'`);
  await replica.query('SET GLOBAL rpl_semi_sync_replica_enabled = 1');
  await replica.query('SET GLOBAL super_read_only = 1');
  await replica.query(
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${hostname}', SOURCE_PORT = ${port}, SOURCE_USER = '${username}',
       SOURCE_PASSWORD = '${password}', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1`,
  );
  await source.query(`INSTALL PLUGIN rpl_semi_sync_source SONAME 'semisync_source.so'`);
  await source.query('SET GLOBAL rpl_semi_sync_source_timeout = 600000');
  await source.query('SET GLOBAL rpl_semi_sync_source_enabled = 1');
  // A replica asks for it as it connects.
  await replica.query('START REPLICA');
}

/** Applies what was received of the source that died, and takes writes. */
export async function promote(replica: PlainConnection): Promise<void> {
  await replica.query('STOP REPLICA IO_THREAD');
  await replica.query(
    `SELECT WAIT_FOR_EXECUTED_GTID_SET(RECEIVED_TRANSACTION_SET, 60)
     FROM performance_schema.replication_connection_status`,
  );
  await replica.query('STOP REPLICA');
  await replica.query('RESET REPLICA ALL');
  await replica.query('SET GLOBAL super_read_only = 0');
  await replica.query('SET GLOBAL read_only = 0');
}
