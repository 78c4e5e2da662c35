import type { SideSql, Sql } from '../pipeline/tools.ts';
import { runTransaction } from './run-transaction.ts';
import type { PooledSession, Session, Statement } from './session.ts';

const statementOf = (text: string, parameters: readonly unknown[] = []): Statement => ({
  sql: text,
  text,
  values: [...parameters],
});

const on = (session: Session): Sql => ({
  async query(text, parameters) {
    const { rows } = await session.query(statementOf(text, parameters));
    return [...rows];
  },
});

/** A pool's database for statements of somebody else's. */
export const sideSql = (
  onSession: <T>(work: (session: PooledSession) => Promise<T>) => Promise<T>,
): SideSql => ({
  query: (text, parameters) => onSession((session) => on(session).query(text, parameters)),
  transaction: (work) => onSession((session) => runTransaction(session, (guarded) => work(on(guarded)))),
});
