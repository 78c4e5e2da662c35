import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { connectAlone } from '../database/mysql/login.ts';
import { connectClient } from '../database/postgres/login.ts';
import { statementsOf } from './sql-file.ts';

export interface InstallOptions {
  /** Also run `sample.sql`. */
  sample: boolean;
  /** What Tandem's roles and the connector's need of a side, run before `grants.sql`. Left out: it is there already. */
  grants?: (side: string) => string;
  /** Brings one side's ledger up, where it has one; called before `triggers.sql`, which writes to it. Left out: it is there already. */
  ledger?: (side: string, adminUrl: string) => Promise<void>;
  /** Password for a role that is still closed; default: the role's name. */
  password?: (side: string, role: string) => string;
}

/** One administrator's connection; `run` takes a whole file. */
interface Administrator {
  run(statements: string): Promise<void>;
  /** Gives a password to a role made without one. One that is open, or does not exist, is left as it is. */
  open(role: string, password: () => string): Promise<void>;
  close(): Promise<void>;
}

/** Debezium's role, Tandem's and the side's own app's, which a pipeline's `grants.sql` makes. */
export const rolesOf = (side: string): readonly string[] => ['debezium', 'sync_service', `${side}_app`];

const files = ['schema', 'grants', 'triggers', 'sample'] as const;

/**
 * Runs `sql/<side>/{schema,grants,triggers,sample}.sql` of a pipeline's folder on each side, as its administrator, and
 * opens the roles. Doing it again changes nothing. Throws an error that names the file and the server's code.
 */
export async function installSchemas(
  pipelineDirectory: string,
  adminUrls: Readonly<Record<string, string>>,
  { sample, grants, ledger, password = (_, role) => role }: InstallOptions,
): Promise<void> {
  for (const [side, url] of Object.entries(adminUrls)) {
    const administrator = await connect(url);
    try {
      for (const name of files) {
        if (name === 'sample' && !sample) continue;
        if (name === 'grants' && grants) await administrator.run(grants(side));
        if (name === 'triggers') {
          for (const role of rolesOf(side)) await administrator.open(role, () => password(side, role));
          await ledger?.(side, url);
        }
        await runFile(administrator, join(pipelineDirectory, 'sql', side, `${name}.sql`));
      }
    } finally {
      await administrator.close();
    }
  }
}

async function runFile(administrator: Administrator, path: string): Promise<void> {
  if (!existsSync(path)) return;
  try {
    await administrator.run(statementsOf(await readFile(path, 'utf8')));
  } catch (error) {
    const { code } = error as { code?: string };
    throw new Error(`${path} failed (${code ?? 'no code'})`, { cause: error });
  }
}

const connect = (url: string): Promise<Administrator> =>
  new URL(url).protocol === 'mysql:' ? connectMysql(url) : connectPostgres(url);

async function connectPostgres(url: string): Promise<Administrator> {
  const client = await connectClient({ url });
  return {
    run: async (statements) => void (await client.query(statements)),
    async open(role, password) {
      const closed = await client.query('SELECT FROM pg_roles WHERE rolname = $1 AND NOT rolcanlogin', [
        role,
      ]);
      if (closed.rowCount === 0) return;
      const [name, secret] = [client.escapeIdentifier(role), client.escapeLiteral(password())];
      await client.query(`ALTER ROLE ${name} LOGIN PASSWORD ${secret}`);
    },
    close: () => client.end(),
  };
}

async function connectMysql(url: string): Promise<Administrator> {
  const connection = await connectAlone({ url, multipleStatements: true });
  return {
    run: async (statements) => void (await connection.query(statements)),
    async open(role, password) {
      const [closed] = await connection.query<RowDataPacket[]>(
        `SELECT 1 FROM mysql.user WHERE user = ? AND host = '%' AND account_locked = 'Y'`,
        [role],
      );
      if (closed.length === 0) return;
      await connection.query('ALTER USER ? IDENTIFIED BY ? ACCOUNT UNLOCK', [role, password()]);
    },
    close: () => connection.end(),
  };
}
