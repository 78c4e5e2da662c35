import { Pool } from 'pg';
import type { PoolClient, QueryResult } from 'pg';
import { SyncError } from '../../errors/sync-error.ts';
import type { ConnectionOptions } from '../connection.ts';
import { leavesDoubt, timeouts } from '../session.ts';
import type { PooledSession, Purpose, SessionPool, StatementResult } from '../session.ts';
import { asTransport } from '../transport.ts';
import { classify } from './classify.ts';
import { explainedFailure, postgresLogin } from './login.ts';
import { leaseOrigin } from './origin.ts';

const sessionSettings = `
  SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
  SET timezone = 'UTC';
  SET datestyle = 'ISO, YMD';
  SET intervalstyle = 'postgres';
  SET bytea_output = 'hex';
  SET extra_float_digits = 1;
  SET lock_timeout = ${timeouts.lock};
  SET statement_timeout = ${timeouts.statement};
  SET idle_in_transaction_session_timeout = ${timeouts.idle};
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`;

/** The protocol counts them in 16 bits. */
const mostParameters = 65_535;

const lost = 'the connection to PostgreSQL failed';

interface SessionState {
  marked: boolean;
  /** By `performance.now`. */
  expires: number;
}

/** Sessions of one side's database, each under a leased origin where the server gives one. */
export function connect({
  url,
  poolSize,
  lifetimeMs = Infinity,
  originMarks = true,
}: ConnectionOptions): SessionPool {
  const pool = new Pool({
    ...postgresLogin(url),
    max: poolSize,
    connectionTimeoutMillis: timeouts.connect,
    idleTimeoutMillis: timeouts.idle,
    query_timeout: timeouts.answer,
    keepAlive: true,
    application_name: 'tandem',
  });
  // The pool drops a connection that breaks; without a listener the event would end the process.
  const ignore = () => {};
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  const prepared = new WeakMap<PoolClient, SessionState>();

  return {
    async acquire() {
      let client: PoolClient;
      try {
        client = await pool.connect();
      } catch (error) {
        throw classify(asTransport(explainedFailure(error), lost));
      }
      try {
        let state = prepared.get(client);
        if (state === undefined) {
          await client.query(sessionSettings);
          state = {
            marked: originMarks && (await leaseOrigin(client)),
            expires: performance.now() + lifetimeMs,
          };
          prepared.set(client, state);
        }
        return session(client, state);
      } catch (error) {
        client.release(true);
        throw classify(asTransport(error, lost));
      }
    },
    close: () => pool.end(),
  };
}

function session(client: PoolClient, { marked, expires }: SessionState): PooledSession {
  const run = async (purpose: Purpose, text: string, values?: unknown[]): Promise<QueryResult> => {
    try {
      return await client.query<Record<string, unknown>>(text, values);
    } catch (error) {
      const failure = classify(asTransport(error, lost), purpose);
      own.inDoubt ||= leavesDoubt(failure);
      throw failure;
    }
  };
  const own: PooledSession = {
    marked,
    inDoubt: false,
    async query(statement, purpose): Promise<StatementResult> {
      // The server would break the connection instead of refusing the statement.
      if (statement.values.length > mostParameters)
        throw new SyncError('data', 'the statement has more values than PostgreSQL takes');
      const { rows, rowCount } = await run(purpose, statement.text, statement.values);
      return { rows: rows as Record<string, unknown>[], affected: rowCount ?? 0, generatedKey: null };
    },
    async command(text, purpose) {
      await run(purpose, text);
    },
    release: () => client.release(own.inDoubt || performance.now() > expires),
  };
  return own;
}
