import type { SessionPool } from './session.ts';

/** Does one statement; `summary` is its verb and the table it is about, without any value. */
export type Around = <T>(summary: string, work: () => Promise<T>) => Promise<T>;

/** The pool with `around` about each statement of its sessions, where there is one. */
export function observedPool(pool: SessionPool, around: Around | undefined): SessionPool {
  if (around === undefined) return pool;
  return {
    async acquire() {
      const session = await pool.acquire();
      const query = session.query.bind(session);
      const command = session.command.bind(session);
      session.query = (statement, purpose) =>
        around(summaryOf(statement.text), () => query(statement, purpose));
      session.command = (text, purpose) => around(summaryOf(text), () => command(text, purpose));
      return session;
    },
    close: () => pool.close(),
  };
}

/** The first word of a statement and the first table named in it, as both engines write them. */
export function summaryOf(statement: string): string {
  const [verb = 'statement'] = /\w+/.exec(statement) ?? [];
  const [, table = ''] = /\b(?:FROM|INTO|UPDATE)\s+([\w."`]+)/i.exec(statement) ?? [];
  return `${verb.toUpperCase()} ${table.replaceAll(/["`]/g, '')}`.trimEnd();
}
