import { DatabaseError } from 'pg';
import { originPrefix } from '../connection.ts';
import { migrationLockTimeout } from '../ledger-admin.ts';
import type { LedgerAdmin, LedgerRole } from '../ledger-admin.ts';
import { timeouts } from '../session.ts';
import { connectClient } from './login.ts';

const originFunctions = [
  'pg_replication_origin_session_setup',
  'pg_replication_origin_session_is_setup',
  'pg_replication_origin_session_reset',
  'pg_replication_origin_oid',
];

/** Roles and origins belong to the whole cluster: a migration of another database may make one at the same time. */
const alreadyMade = new Set(['42710', '23505']);
/** The administrator lacks the right, or the server has no such function. */
const notPermitted = new Set(['42501', '42883']);

export async function openLedgerAdmin(adminUrl: string, ledger: string): Promise<LedgerAdmin> {
  const client = await connectClient({
    url: adminUrl,
    connectionTimeoutMillis: timeouts.connect,
    application_name: 'tandem migrate',
  });
  client.on('error', () => {});
  const schema = client.escapeIdentifier(ledger);
  const ignore = async (codes: ReadonlySet<string>, work: Promise<unknown>): Promise<boolean> => {
    try {
      await work;
      return true;
    } catch (error) {
      if (error instanceof DatabaseError && codes.has(error.code ?? '')) return false;
      throw error;
    }
  };
  try {
    await client.query(`SET lock_timeout = ${migrationLockTimeout}`);
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`tandem ledger ${ledger}`]);
  } catch (error) {
    await client.end();
    throw error;
  }

  return {
    async prepare() {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
      await client.query(`SET search_path = ${schema}`);
      await client.query(
        `CREATE TABLE IF NOT EXISTS ledger_migrations (
          name varchar(200) PRIMARY KEY,
          applied_at timestamptz NOT NULL DEFAULT now()
        )`,
      );
    },
    async appliedMigrations() {
      const { rows } = await client.query<{ name: string }>(
        'SELECT name FROM ledger_migrations ORDER BY name',
      );
      return rows.map(({ name }) => name);
    },
    async apply(name, statements) {
      await client.query('BEGIN');
      try {
        await client.query(statements);
        await client.query('INSERT INTO ledger_migrations (name) VALUES ($1)', [name]);
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK').catch(() => {});
        throw error;
      }
    },
    async grant(role) {
      const name = client.escapeIdentifier(role.name);
      const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role.name]);
      if (rowCount === 0)
        await ignore(
          alreadyMade,
          client.query(`CREATE ROLE ${name} LOGIN PASSWORD ${client.escapeLiteral(role.password)}`),
        );
      await client.query(
        `GRANT USAGE ON SCHEMA ${schema} TO ${name};
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} TO ${name};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${name};
        REVOKE INSERT, UPDATE, DELETE ON ledger_migrations FROM ${name}`,
      );
    },
    async grantOriginMarks(role, origins) {
      const wanted = Array.from({ length: origins }, (_, index) => `${originPrefix}_${index + 1}`);
      const { rows } = await client.query<{ name: string }>(
        `SELECT name FROM unnest($1::text[]) AS name
        WHERE name NOT IN (SELECT roname FROM pg_replication_origin) ORDER BY length(name), name`,
        [wanted],
      );
      return ignore(
        notPermitted,
        makeOrigins(rows.map(({ name }) => name)).then(() => grantFunctions(role)),
      );
    },
    close: () => client.end(),
  };

  async function makeOrigins(names: readonly string[]): Promise<void> {
    for (const name of names)
      await ignore(alreadyMade, client.query('SELECT pg_replication_origin_create($1)', [name]));
  }

  async function grantFunctions({ name }: LedgerRole): Promise<void> {
    const { rows } = await client.query<{ signature: string }>(
      `SELECT oid::regprocedure::text AS signature FROM pg_proc
      WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = ANY ($1)`,
      [originFunctions],
    );
    for (const { signature } of rows)
      await client.query(`GRANT EXECUTE ON FUNCTION ${signature} TO ${client.escapeIdentifier(name)}`);
  }
}
