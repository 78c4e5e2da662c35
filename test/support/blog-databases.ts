import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectPlain } from '../../src/database/plain-connection.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import { packageRoot } from '../../src/package-root.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { installSchemas } from '../../src/process/install-schema.ts';
import { openStack } from '../../src/stack/stack.ts';

export const blogFolder = join(packageRoot, 'pipelines', 'blog');

/** One side of `blog`, with the words in which the same statement is written on either. */
export interface BlogSide {
  engine: Engine;
  side: string;
  adminUrl: string;
  admin: PlainConnection;
  users: string;
  posts: string;
  likes: string;
  name: string;
  email: string;
  unmapped: string;
  author: string;
  title: string;
  liker: string;
  article: string;
  /** Runs an INSERT and gives the new row's key. */
  insert: (connection: PlainConnection, statement: string) => Promise<string>;
  /** SQL of a time column as microseconds since the epoch. */
  micros: (column: string) => string;
  connect: (role: string) => Promise<PlainConnection>;
}

const words = {
  legacy: {
    engine: 'postgres' as const,
    users: 'legacy_users',
    posts: 'legacy_posts',
    likes: 'legacy_likes',
    name: 'username',
    email: 'email',
    unmapped: 'last_login',
    author: 'user_id',
    title: 'post_title',
    liker: 'user_id',
    article: 'post_id',
    async insert(connection: PlainConnection, statement: string) {
      const [row] = await connection.query(`${statement} RETURNING id`);
      return String(row!['id']);
    },
    micros: (column: string) => `(extract(epoch FROM ${column}) * 1000000)::bigint`,
  },
  revamp: {
    engine: 'mysql' as const,
    users: 'revamp_users',
    posts: 'revamp_posts',
    likes: 'revamp_likes',
    name: 'user_name',
    email: 'email_address',
    unmapped: 'last_seen_at',
    author: 'author_id',
    title: 'title',
    liker: 'liker_id',
    article: 'article_id',
    async insert(connection: PlainConnection, statement: string) {
      await connection.query(statement);
      const [row] = await connection.query('SELECT LAST_INSERT_ID() AS id');
      return String(row!['id']);
    },
    micros: (column: string) => `CAST(UNIX_TIMESTAMP(${column}) * 1000000 AS SIGNED)`,
  },
};

/** Far from the keys of other databases: on MySQL the whole server has one ledger. */
const firstKey = 5_000_000_000;

const createLedger: Record<Engine, (admin: PlainConnection) => Promise<void>> = {
  async postgres(admin) {
    await admin.query('CREATE SCHEMA tandem');
    await admin.query('SET search_path = tandem');
    await admin.query(
      await readFile(join(packageRoot, 'src/database/postgres/ledger/001_ledger.sql'), 'utf8'),
    );
  },
  async mysql(admin) {
    await admin.query('CREATE DATABASE IF NOT EXISTS tandem');
    await admin.query('USE tandem');
    const file = await readFile(join(packageRoot, 'src/database/mysql/ledger/001_ledger.sql'), 'utf8');
    for (const statement of file.split(/;\s*\n/).filter((text) => text.trim() !== ''))
      await admin.query(statement);
  },
};

async function open(side: 'legacy' | 'revamp', serverUrl: string, database: string): Promise<BlogSide> {
  const { engine } = words[side];
  const server = await connectPlain(engine, serverUrl);
  await server.query(`DROP DATABASE IF EXISTS ${database}`);
  await server.query(`CREATE DATABASE ${database}`);
  await server.close();
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  const adminUrl = url.href;
  await installSchemas(blogFolder, { [side]: adminUrl }, { sample: false, ledger: ledgerOf(engine) });
  const admin = await connectPlain(engine, adminUrl);
  const tables = [words[side].users, words[side].posts, words[side].likes];
  for (const [index, table] of tables.entries()) {
    const from = firstKey + index * 1_000_000;
    await admin.query(
      engine === 'postgres'
        ? `ALTER TABLE ${table} ALTER COLUMN id RESTART WITH ${from}`
        : `ALTER TABLE ${table} AUTO_INCREMENT = ${from}`,
    );
  }
  return {
    ...words[side],
    side,
    adminUrl,
    admin,
    connect(role) {
      const own = new URL(adminUrl);
      own.username = role;
      own.password = role;
      return connectPlain(engine, own.href);
    },
  };
}

const ledgerOf = (engine: Engine) => async (_side: string, adminUrl: string) => {
  const admin = await connectPlain(engine, adminUrl);
  try {
    await createLedger[engine](admin);
  } finally {
    await admin.close();
  }
};

/** Fresh databases of that name with the schema of `blog`, on the test stack's servers. */
export async function blogDatabases(name: string): Promise<Record<'legacy' | 'revamp', BlogSide>> {
  const stack = openStack({
    name: 'test',
    databases: [
      { side: 'legacy', engine: 'postgres', database: 'legacy_db' },
      { side: 'revamp', engine: 'mysql', database: 'revamp_db' },
    ],
  });
  const urls = await stack.up({ only: ['postgres', 'mysql'] });
  return {
    legacy: await open('legacy', urls['LEGACY_ADMIN_URL']!, `${name}_legacy`),
    revamp: await open('revamp', urls['REVAMP_ADMIN_URL']!, `${name}_revamp`),
  };
}
