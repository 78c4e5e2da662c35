import { createPool } from 'mysql2/promise';
import type { PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { SyncError } from '../../errors/sync-error.ts';
import type { ConnectionOptions } from '../connection.ts';
import { leavesDoubt, timeouts } from '../session.ts';
import type { PooledSession, SessionPool, StatementResult } from '../session.ts';
import { asTransport, TransportError } from '../transport.ts';
import { classify, isServerError } from './classify.ts';
import { explainedFailure, mysqlLogin } from './login.ts';
import { tagTransactions } from './origin.ts';

/**
 * Strict for every table, so no value is changed on its way in. Zero dates are allowed: they are values a MySQL app
 * may hold. 0 is a key like any other.
 */
const sqlMode =
  'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY,NO_AUTO_VALUE_ON_ZERO';

const sessionSettings = `SET SESSION
  sql_mode = '${sqlMode}',
  time_zone = '+00:00',
  transaction_isolation = 'READ-COMMITTED',
  autocommit = ON,
  innodb_lock_wait_timeout = ${timeouts.lock / 1000},
  lock_wait_timeout = ${timeouts.lock / 1000},
  max_execution_time = ${timeouts.statement}`;

interface SessionState {
  marked: boolean;
  /** Bytes of the largest statement the server takes. */
  maxPacket: number;
  /** By `performance.now`. */
  expires: number;
}

/** Sessions of one side's database, each tagging its transactions where the server has tags. */
export function connect({
  url,
  poolSize,
  lifetimeMs = Infinity,
  originMarks = true,
}: ConnectionOptions): SessionPool {
  const pool = createPool({
    ...mysqlLogin(url),
    connectionLimit: poolSize,
    maxIdle: poolSize,
    idleTimeout: timeouts.idle,
    connectTimeout: timeouts.connect,
    enableKeepAlive: true,
    charset: 'utf8mb4',
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    maxPreparedStatements: 200,
    // Takes a stack trace for each statement, in case it fails.
    trace: false,
  });
  const prepared = new WeakMap<object, SessionState>();

  return {
    async acquire() {
      const connection = await checkOut(pool.getConnection());
      try {
        let state = prepared.get(connection.connection);
        if (state === undefined) {
          await connection.query(sessionSettings);
          const [[limits]] = await connection.query<RowDataPacket[]>('SELECT @@max_allowed_packet AS bytes');
          state = {
            marked: originMarks && (await tagTransactions(connection)),
            maxPacket: Number(limits!['bytes']),
            expires: performance.now() + lifetimeMs,
          };
          prepared.set(connection.connection, state);
        }
        return session(connection, state);
      } catch (error) {
        connection.destroy();
        throw classifyFailure(error);
      }
    },
    close: () => pool.end(),
  };
}

/** mysql2 waits for a free connection without limit; one that comes too late goes straight back. */
async function checkOut(pending: Promise<PoolConnection>): Promise<PoolConnection> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      pending.then(
        (connection) => connection.release(),
        () => {},
      );
      reject(new TransportError('no connection to MySQL was free in time', undefined));
    }, timeouts.connect);
  });
  try {
    return await Promise.race([pending, late]);
  } catch (error) {
    throw classifyFailure(explainedFailure(error));
  } finally {
    clearTimeout(timer);
  }
}

function session(connection: PoolConnection, { marked, maxPacket, expires }: SessionState): PooledSession {
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const failure = classifyFailure(error);
      own.inDoubt ||= leavesDoubt(failure);
      throw failure;
    }
  };
  const own: PooledSession = {
    marked,
    inDoubt: false,
    async query(statement): Promise<StatementResult> {
      // Put together anew each time it is asked for.
      const text = statement.sql;
      const { values } = statement;
      // The server would break the connection instead of refusing the statement.
      if (sizeOf(text, values) > maxPacket)
        throw new SyncError('data', "the row is larger than the server's max_allowed_packet");
      const request = { sql: text, values, timeout: timeouts.answer };
      const [result] = await run(() =>
        isOfManyRows(text, values)
          ? connection.query<RowDataPacket[] | ResultSetHeader>(request)
          : connection.execute<RowDataPacket[] | ResultSetHeader>(request),
      );
      if (Array.isArray(result)) return { rows: result, affected: result.length, generatedKey: null };
      const { affectedRows, insertId } = result;
      return { rows: [], affected: affectedRows, generatedKey: String(insertId) };
    },
    async command(text) {
      await run(() => connection.query({ sql: text, timeout: timeouts.answer }));
    },
    release: () => (own.inDoubt || performance.now() > expires ? connection.destroy() : connection.release()),
  };
  return own;
}

/** From so many values on a statement is not prepared: its text, of as many rows as there happen to be, hardly comes again. */
const mostPrepared = 100;

/** The driver puts the values in by itself, so nothing else in the text may look like their place. */
const isOfManyRows = (text: string, values: readonly unknown[]): boolean =>
  values.length > mostPrepared && text.split('?').length === values.length + 1;

/** An upper bound of the packet: its text, its values and what frames them. */
function sizeOf(text: string, values: readonly unknown[]): number {
  let bytes = Buffer.byteLength(text) + 64;
  for (const value of values) {
    if (typeof value === 'string') bytes += Buffer.byteLength(value) + 16;
    else if (Buffer.isBuffer(value)) bytes += value.length + 16;
    else bytes += 16;
  }
  return bytes;
}

const classifyFailure = (error: unknown): SyncError =>
  classify(isServerError(error) ? error : asTransport(error, 'the connection to MySQL failed'));
