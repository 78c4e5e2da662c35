import { DatabaseError } from 'pg';
import { originPrefix } from '../connection.ts';
import { migrationLockTimeout } from '../ledger-admin.ts';
import type { LedgerAdmin, LedgerRole } from '../ledger-admin.ts';
import { ledgerPrivileges, neverNeeded } from '../needed-privileges.ts';
import { timeouts } from '../session.ts';
import { markFunction } from './grants.ts';
import { connectClient } from './login.ts';

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
      const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [ledger]);
      // Asked to make one that is there, the server still wants the right to make one.
      if (rowCount === 0) await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
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
      // Of a schema that is the administrator's this says nothing new, and the server warns.
      await client.query(`GRANT USAGE ON SCHEMA ${schema} TO ${name}`);
      await client.query(`GRANT EXECUTE ON FUNCTION ${schema}.advance_sequence TO ${name}`);
      for (const [table, privileges] of Object.entries(ledgerPrivileges)) {
        const on = `${schema}.${client.escapeIdentifier(table)}`;
        await client.query(`GRANT ${privileges.join(', ')} ON ${on} TO ${name}`);
        const never = neverNeeded(table);
        if (never.length > 0) await client.query(`REVOKE ${never.join(', ')} ON ${on} FROM ${name}`);
      }
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
        makeOrigins(rows.map(({ name }) => name)).then(() => grantFunction(role)),
      );
    },
    close: () => client.end(),
  };

  async function makeOrigins(names: readonly string[]): Promise<void> {
    for (const name of names)
      await ignore(alreadyMade, client.query('SELECT pg_replication_origin_create($1)', [name]));
  }

  async function grantFunction({ name }: LedgerRole): Promise<void> {
    const markOf = `pg_catalog.${markFunction}`;
    const { rows } = await client.query<{ held: boolean }>(
      "SELECT has_function_privilege($1, $2, 'EXECUTE') AS held",
      [name, markOf],
    );
    if (rows[0]?.held !== true)
      await client.query(`GRANT EXECUTE ON FUNCTION ${markOf} TO ${client.escapeIdentifier(name)}`);
  }
}
