import pLimit from 'p-limit';
import type { Engine } from '../pipeline/define.ts';
import { connectAlone } from './mysql/login.ts';
import { connectClient } from './postgres/login.ts';

export type PlainRow = Record<string, unknown>;

/** A single connection as any other program would open it: no pool, no origin mark, no session settings. */
export interface PlainConnection {
  /** Runs one statement, after those asked for earlier, with the engine's own placeholders; rows of a query, none of any other statement. */
  query(statement: string, parameters?: readonly unknown[]): Promise<PlainRow[]>;
  close(): Promise<void>;
}

const connectTimeoutMs = 5000;

const open: Record<Engine, (url: string) => Promise<PlainConnection>> = {
  async postgres(url) {
    const client = await connectClient({ url, connectionTimeoutMillis: connectTimeoutMs });
    client.on('error', () => {}); // the next query reports it
    const inTurn = pLimit(1);
    return {
      query: (statement, parameters = []) =>
        inTurn(async () => (await client.query<PlainRow>(statement, [...parameters])).rows),
      close: () => client.end(),
    };
  },
  async mysql(url) {
    const connection = await connectAlone({
      url,
      connectTimeout: connectTimeoutMs,
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
    });
    connection.on('error', () => {});
    return {
      query: async (statement, parameters = []) => {
        const [rows] = await connection.query(statement, [...parameters]);
        return Array.isArray(rows) ? (rows as PlainRow[]) : [];
      },
      close: () => connection.end(),
    };
  },
};

export const connectPlain = (engine: Engine, url: string): Promise<PlainConnection> => open[engine](url);
