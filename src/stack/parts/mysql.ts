import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { createConnection } from 'mysql2/promise';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { adminUrlVariable, databaseUrlVariable, syncRole } from '../databases.ts';
import type { Part, PartContext, Server } from '../part.ts';
import { mysqlDownload, mysqlFetched, mysqlOnPath } from './mysql-binaries.ts';
import type { MysqlBinaries } from './mysql-binaries.ts';

const superuser = { user: 'root', password: 'root' };

const url = ({ user, password }: typeof superuser, port: number, database: string): string =>
  `mysql://${user}:${password}@127.0.0.1:${port}/${database}`;

/** Run once, while the data directory is made. */
const firstStatements = `ALTER USER 'root'@'localhost' IDENTIFIED BY '${superuser.password}';
CREATE USER 'root'@'127.0.0.1' IDENTIFIED BY '${superuser.password}';
GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
GRANT PROXY ON ''@'' TO 'root'@'127.0.0.1' WITH GRANT OPTION;
`;

function settings(port: number, data: string): string[] {
  return [
    `--datadir=${data}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    // No Unix socket: its lock outlives a killed server, and keeps out the next one when that number is given anew.
    '--socket=',
    `--pid-file=${join(data, 'mysqld.pid')}`,
    '--mysqlx=OFF',
    '--skip-name-resolve',
    '--default-time-zone=+00:00',
    '--secure-file-priv=',
    '--max-connections=300',
    '--max-allowed-packet=64M',
    '--server-id=1',
    '--log-bin=binlog',
    '--gtid-mode=ON',
    '--enforce-gtid-consistency=ON',
    '--binlog-row-image=FULL',
    '--binlog-row-metadata=FULL',
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ];
}

async function withConnection<T>(port: number, task: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection({
    ...superuser,
    host: '127.0.0.1',
    port,
    connectTimeout: 2_000,
  });
  connection.on('error', () => undefined);
  try {
    return await task(connection);
  } finally {
    await connection.end().catch(() => undefined);
  }
}

async function initialise(binaries: MysqlBinaries, data: string): Promise<void> {
  if (existsSync(data)) return;
  const partial = `${data}.partial`;
  const statements = `${data}.sql`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(join(data, '..'), { recursive: true });
  await writeFile(statements, firstStatements, { mode: 0o600 });
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  const first = [`--datadir=${partial}`, `--init-file=${statements}`, '--secure-file-priv=', ...asRoot];
  await execa(binaries.file, [...binaries.args, '--initialize-insecure', ...first], { all: true });
  await rename(partial, data);
  await rm(statements, { force: true });
}

/** Creates what is missing, and sees to it that a transaction is in the log. */
async function settle(context: PartContext): Promise<void> {
  await withConnection(context.port('MYSQL'), async (connection) => {
    for (const { engine, database } of context.databases) {
      if (engine !== 'mysql') continue;
      const [known] = await connection.query<RowDataPacket[]>('SHOW DATABASES WHERE `Database` = ?', [
        database,
      ]);
      if (known.length === 0)
        await connection.query(`CREATE DATABASE ${connection.escapeId(database)} CHARACTER SET utf8mb4`);
    }
    // Debezium's connector snapshots an empty set of executed transactions and dies of it later.
    const [rows] = await connection.query<RowDataPacket[]>('SELECT @@GLOBAL.gtid_executed AS executed');
    if (!rows[0]?.['executed']) await connection.query('FLUSH PRIVILEGES');
  });
}

function server(context: PartContext, binaries: MysqlBinaries): Server {
  const port = context.port('MYSQL');
  const folder = context.folders.data('mysql');
  const data = join(folder, 'files');
  return {
    version: binaries.version,
    command: {
      file: binaries.file,
      args: [...binaries.args, ...settings(port, data)],
      cwd: folder,
      stopSignal: 'SIGTERM',
    },
    prepare: () => initialise(binaries, data),
    probe: () => withConnection(port, (connection) => connection.ping()),
    settle: () => settle(context),
  };
}

/** MySQL with its binary log on, GTIDs and full row images, reachable over loopback TCP. */
export const mysql: Part = {
  name: 'mysql',
  title: 'MySQL',
  after: [],
  ports: [{ name: 'MYSQL', base: 13_306 }],
  diskBytes: 500_000_000,
  memoryBytes: 700_000_000,
  addresses: ({ databases, port }) =>
    databases
      .filter(({ engine }) => engine === 'mysql')
      .map(({ side, database }) => ({
        required: {
          [databaseUrlVariable(side)]: url(syncRole, port('MYSQL'), database),
          [adminUrlVariable(side)]: url(superuser, port('MYSQL'), database),
        },
      })),
  async plan(context) {
    const onPath = await mysqlOnPath(context.environment);
    if (onPath)
      return { source: 'path', downloads: [], server: () => Promise.resolve(server(context, onPath)) };
    return {
      source: 'download',
      downloads: [mysqlDownload],
      server: async () => server(context, await mysqlFetched(context.folders.downloads)),
    };
  },
};
