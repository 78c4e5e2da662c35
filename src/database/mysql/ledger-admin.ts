import type { RowDataPacket } from 'mysql2/promise';
import { SyncError } from '../../errors/sync-error.ts';
import { originPrefix } from '../connection.ts';
import { migrationLockTimeout } from '../ledger-admin.ts';
import type { LedgerAdmin, LedgerRole } from '../ledger-admin.ts';
import { timeouts } from '../session.ts';
import { ledgerPrivileges, neverNeeded } from '../needed-privileges.ts';
import { connectPlain } from '../plain-connection.ts';
import { marking } from './grants.ts';
import { connectAlone } from './login.ts';

/** The administrator may not grant it, or the server (before 8.3) does not know it. */
const notPermitted = new Set([1044, 1045, 1064, 1149, 1227, 1410, 3619]);

/** There is no such grant to take away: on the table, or of anything there. */
const noSuchGrant = new Set([1141, 1147]);

const unless =
  (known: ReadonlySet<number>) =>
  (error: unknown): void => {
    if (!(error instanceof Error && 'errno' in error && known.has(error.errno as number))) throw error;
  };

export async function openLedgerAdmin(adminUrl: string, ledger: string): Promise<LedgerAdmin> {
  // Of the side's own database it needs nothing, and may have no right to it.
  const server = Object.assign(new URL(adminUrl), { pathname: '/' }).href;
  const connection = await connectAlone({
    url: server,
    connectTimeout: timeouts.connect,
    charset: 'utf8mb4',
    timezone: 'Z',
    multipleStatements: true,
  });
  const select = async (statement: string, values: unknown[] = []) =>
    (await connection.query<RowDataPacket[]>(statement, values))[0];
  try {
    const [lock] = await select('SELECT GET_LOCK(?, ?) AS held', [
      // At most 64 characters.
      `tandem ledger ${ledger}`.slice(0, 64),
      migrationLockTimeout / 1000,
    ]);
    if (Number(lock!['held']) !== 1)
      throw new SyncError('contention', 'another migration of the ledger is running and did not end in time');
  } catch (error) {
    await connection.end();
    throw error;
  }

  return {
    async prepare() {
      await connection.query(
        'CREATE DATABASE IF NOT EXISTS ?? CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin; USE ??',
        [ledger, ledger],
      );
      await connection.query(
        `CREATE TABLE IF NOT EXISTS ledger_migrations (
          name VARCHAR(200) NOT NULL PRIMARY KEY,
          applied_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6))
        ) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_0900_bin`,
      );
    },
    async appliedMigrations() {
      return (await select('SELECT name FROM ledger_migrations ORDER BY name')).map(
        ({ name }) => name as string,
      );
    },
    async apply(name, statements) {
      await connection.query(statements);
      await connection.query('INSERT INTO ledger_migrations (name) VALUES (?)', [name]);
    },
    async grant(role) {
      if ((await accounts(role.name)).length === 0)
        await connection.query('CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ?', [
          role.name,
          '%',
          role.password,
        ]);
      for (const host of await accounts(role.name))
        for (const [table, privileges] of Object.entries(ledgerPrivileges)) {
          const place = [ledger, table, role.name, host];
          await connection.query(`GRANT ${privileges.join(', ')} ON ??.?? TO ?@?`, place);
          for (const privilege of neverNeeded(table))
            await connection.query(`REVOKE ${privilege} ON ??.?? FROM ?@?`, place).catch(unless(noSuchGrant));
        }
    },
    async grantOriginMarks(role) {
      const [gtid] = await select("SHOW VARIABLES LIKE 'gtid_mode'");
      if (gtid?.['Value'] !== 'ON') return false;
      try {
        for (const host of await accounts(role.name))
          await connection.query(`GRANT ${marking.join(', ')} ON *.* TO ?@?`, [role.name, host]);
        return true;
      } catch (error) {
        if (error instanceof Error && 'errno' in error && notPermitted.has(error.errno as number))
          return marksAlready(role);
        throw error;
      }
    },
    close: () => connection.end(),
  };

  /** Whether somebody else has given the role what it takes; nobody but itself can tell. */
  async function marksAlready({ name, password }: LedgerRole): Promise<boolean> {
    const url = Object.assign(new URL(server), { username: name, password }).href;
    try {
      const own = await connectPlain('mysql', url);
      try {
        await own.query(`SET SESSION gtid_next = 'AUTOMATIC:${originPrefix}'`);
        return true;
      } finally {
        await own.close();
      }
    } catch {
      return false;
    }
  }

  /** Hosts of the role's accounts: one made by hand need not be `%`. */
  async function accounts(user: string): Promise<string[]> {
    return (await select('SELECT host AS host FROM mysql.user WHERE user = ?', [user])).map(
      ({ host }) => host as string,
    );
  }
}
