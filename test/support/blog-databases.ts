import { join } from 'node:path';
import blog from '../../pipelines/blog/pipeline.ts';
import { migrateLedger } from '../../src/database/migrate.ts';
import { connectPlain } from '../../src/database/plain-connection.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import { packageRoot } from '../../src/package-root.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { Environment } from '../../src/process/config/environment.ts';
import { installSchemas } from '../../src/process/install-schema.ts';
import { installedGrants } from '../../src/process/side-grants.ts';
import { testAddresses } from './test-stack.ts';

const pipeline = compilePipeline(blog);

export const blogFolder = join(packageRoot, 'pipelines', 'blog');

/** One side of `blog`, with the words in which the same statement is written on either. */
export interface BlogSide {
  engine: Engine;
  side: string;
  adminUrl: string;
  /** As Tandem's role. */
  url: string;
  database: string;
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

async function open(side: 'legacy' | 'revamp', serverUrl: string, database: string): Promise<BlogSide> {
  const { engine } = words[side];
  const server = await connectPlain(engine, serverUrl);
  await server.query(`DROP DATABASE IF EXISTS ${database}${engine === 'postgres' ? ' WITH (FORCE)' : ''}`);
  await server.query(`CREATE DATABASE ${database}`);
  await server.close();
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  const adminUrl = url.href;
  const databaseUrl = asRole(adminUrl, 'sync_service');
  await installSchemas(
    blogFolder,
    { [side]: adminUrl },
    {
      sample: false,
      grants: () => installedGrants(pipeline, { name: side, engine, databaseUrl }, new Environment()),
      ledger: async () => void (await migrateLedger({ side, engine, adminUrl, url: databaseUrl })),
    },
  );
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
    database,
    adminUrl,
    admin,
    url: databaseUrl,
    connect: (role) => connectPlain(engine, asRole(adminUrl, role)),
  };
}

function asRole(adminUrl: string, role: string): string {
  const url = new URL(adminUrl);
  url.username = role;
  url.password = role;
  return url.href;
}

/** Fresh databases of that name with the schema of `blog`, on the test stack's servers. */
export async function blogDatabases(name: string): Promise<Record<'legacy' | 'revamp', BlogSide>> {
  const urls = testAddresses();
  return {
    legacy: await open('legacy', urls['LEGACY_ADMIN_URL']!, `${name}_legacy`),
    revamp: await open('revamp', urls['REVAMP_ADMIN_URL']!, `${name}_revamp`),
  };
}
