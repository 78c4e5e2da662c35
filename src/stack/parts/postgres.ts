import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { adminUrlVariable, databaseUrlVariable, syncRole } from '../databases.ts';
import type { Part, PartContext, Server } from '../part.ts';
import { binariesOnPath, downloadedBinaries, postgresDownload } from './postgres-binaries.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { initialise } from './postgres-cluster.ts';
import { processesIn } from '../process-identity.ts';
import { becomes } from '../wait.ts';
import { outsideFolder, placeFor } from './postgres-place.ts';
import type { PostgresPlace } from './postgres-place.ts';

const superuser = { user: 'postgres', password: 'postgres' };
const originLimit = 200;

const url = ({ user, password }: typeof superuser, port: number, database: string): string =>
  `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;

function settings(port: number, major: number): Record<string, string | number> {
  return {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: 200,
    wal_level: 'logical',
    max_wal_senders: 20,
    // Before PostgreSQL 18 this one setting limits both slots and active replication origins.
    max_replication_slots: major >= 18 ? 20 : originLimit,
    ...(major >= 18 && { max_active_replication_origins: originLimit }),
  };
}

async function withClient<T>(connectionString: string, task: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await task(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function assertSameMajor(data: string, major: number): Promise<void> {
  const file = join(data, 'PG_VERSION');
  const made = existsSync(file) ? Number(await readFile(file, 'utf8')) : major;
  if (made !== major)
    throw new Error(
      `The data in ${data} were made by PostgreSQL ${made}, and this is ${major}: use that version again, or drop the data with 'tandem stack down --wipe'`,
    );
}

/**
 * After a killed postmaster its children notice and leave by themselves, and its number stays taken where nobody
 * collects ended processes: PostgreSQL refuses to start until the former and because of the latter.
 */
async function clearStalePid(data: string): Promise<void> {
  const deserted = await becomes(() => processesIn(data, 'postgres').length === 0, { limitMs: 15_000 });
  if (deserted) await rm(join(data, 'postmaster.pid'), { force: true });
}

function server(context: PartContext, binaries: PostgresBinaries, place: PostgresPlace): Server {
  const port = context.port('POSTGRES');
  const admin = url(superuser, port, 'postgres');
  const wanted = context.databases.filter(({ engine }) => engine === 'postgres');
  const flags = Object.entries(settings(port, binaries.major));
  return {
    version: binaries.version,
    command: {
      file: join(place.binaries, 'postgres'),
      args: ['-D', place.data, ...flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      cwd: place.folder,
      account: place.account,
      // Ends sessions and stops; a SIGTERM would wait for every client to leave by itself.
      stopSignal: 'SIGINT',
    },
    async prepare() {
      await assertSameMajor(place.data, binaries.major);
      await clearStalePid(place.data);
      await initialise(place, superuser);
    },
    probe: () => withClient(admin, async (client) => void (await client.query('SELECT 1'))),
    settle: () =>
      withClient(admin, async (client) => {
        for (const { database } of wanted) {
          const known = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
          if (known.rowCount === 0)
            await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
        }
      }),
  };
}

/** PostgreSQL, ready for logical decoding, reachable over loopback TCP only. */
export const postgres: Part = {
  name: 'postgres',
  title: 'PostgreSQL',
  after: [],
  ports: [{ name: 'POSTGRES', base: 15_432 }],
  diskBytes: 300_000_000,
  memoryBytes: 200_000_000,
  addresses: ({ databases, port }) =>
    databases
      .filter(({ engine }) => engine === 'postgres')
      .map(({ side, database }) => ({
        required: {
          [databaseUrlVariable(side)]: url(syncRole, port('POSTGRES'), database),
          [adminUrlVariable(side)]: url(superuser, port('POSTGRES'), database),
        },
      })),
  outside: (folders) => [outsideFolder(folders)],
  async plan(context) {
    const onPath = await binariesOnPath(context.environment);
    if (onPath)
      return {
        source: 'path',
        downloads: [],
        server: async () => server(context, onPath, await placeFor(context.folders, onPath.folder)),
      };
    const folder = downloadedBinaries(context.folders.downloads);
    const binaries = { folder, major: 18, version: '18.4' };
    return {
      source: 'download',
      downloads: [postgresDownload],
      server: async () => server(context, binaries, await placeFor(context.folders, folder)),
    };
  },
};
