import type { PlainConnection } from './plain-connection.ts';
import type { Session } from './session.ts';

/** A plain connection for the queries that sessions are asked; rows alone come back. */
export const plainSession = (connection: PlainConnection, text: 'sql' | 'text'): Session => ({
  query: async (statement) => ({
    rows: await connection.query(statement[text], statement.values),
    affected: 0,
    generatedKey: null,
  }),
});
