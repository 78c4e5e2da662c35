import { existsSync } from 'node:fs';
import { appendFile, chown, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { connectPlain } from '../../src/database/plain-connection.ts';
import type { Part } from '../../src/stack/part.ts';
import { postgres } from '../../src/stack/parts/postgres.ts';

/** A base backup of a running server as `pg_basebackup -X fetch` takes it, which not every package of PostgreSQL brings. */
export async function baseBackup(adminUrl: string, into: string): Promise<void> {
  const session = await connectPlain('postgres', adminUrl);
  try {
    const [place] = await session.query('SHOW data_directory');
    await session.query(`SELECT pg_backup_start('drill', true)`);
    const from = String(place!['data_directory']);
    // Files come and go meanwhile.
    await execa('cp', ['-a', from, into], { reject: false });
    const [stopped] = await session.query('SELECT labelfile FROM pg_backup_stop(false)');
    const log = join(into, 'pg_wal');
    await rm(log, { recursive: true });
    await execa('cp', ['-a', join(from, 'pg_wal'), log], { reject: false });
    await rm(join(into, 'postmaster.pid'), { force: true });
    const slots = join(into, 'pg_replslot');
    for (const slot of await readdir(slots)) await rm(join(slots, slot), { recursive: true });
    await ownFile(into, 'backup_label', String(stopped!['labelfile']));
  } finally {
    await session.close();
  }
}

/** A file that belongs to whom the data belong to. */
async function ownFile(data: string, name: string, content: string): Promise<void> {
  const file = join(data, name);
  const { uid, gid } = await stat(data);
  await writeFile(file, content, { mode: 0o600 });
  await chown(file, uid, gid);
}

/** PostgreSQL as a hot standby of this one, by the slot `standby`, with its own copies of the primary's failover slots. */
export const standbyOf = (primaryUrl: string): Part => ({
  ...postgres,
  async plan(context) {
    const plan = await postgres.plan(context);
    return {
      ...plan,
      async server() {
        const server = await plan.server();
        const { args, cwd } = server.command;
        const data = args[1]!;
        return {
          ...server,
          async prepare() {
            if (existsSync(data)) return;
            await mkdir(cwd, { recursive: true });
            await baseBackup(primaryUrl, data);
            const { hostname, port, username, password } = new URL(primaryUrl);
            const address = `host=${hostname} port=${port} user=${username} password=${password} dbname=postgres`;
            await ownFile(data, 'standby.signal', '');
            await appendFile(
              join(data, 'postgresql.auto.conf'),
              `primary_conninfo = '${address} application_name=standby'
primary_slot_name = 'standby'
hot_standby_feedback = on
sync_replication_slots = on
`,
            );
          },
        };
      },
    };
  },
});
