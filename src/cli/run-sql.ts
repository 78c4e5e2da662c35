import type { FieldPacket, ResultSetHeader } from 'mysql2/promise';
import type { QueryArrayResult } from 'pg';
import { connectAlone } from '../database/mysql/login.ts';
import { connectClient } from '../database/postgres/login.ts';
import { ConfigError } from '../errors/config-error.ts';

export interface SqlResult {
  /** Empty for a statement that returns no rows. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly affected: number;
  /** The statement's verb where the database tells it. */
  readonly command: string;
}

async function onPostgres(url: string, sql: string): Promise<SqlResult[]> {
  const client = await connectClient({
    url,
    // Every value as the database writes it: nothing is lost to a JavaScript number or date.
    types: { getTypeParser: () => (value: unknown) => value },
  });
  try {
    const found = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    // The driver returns a list when there were several statements, which its types do not say.
    const results = [found].flat<QueryArrayResult<unknown[]>[]>();
    return results.map(({ fields, rows, rowCount, command }) => ({
      columns: (fields ?? []).map(({ name }) => name),
      rows,
      affected: rowCount ?? 0,
      command: command ?? 'done',
    }));
  } finally {
    await client.end();
  }
}

function mysqlResult(rows: unknown, fields: FieldPacket[] | undefined): SqlResult {
  if (!fields)
    return { columns: [], rows: [], affected: (rows as ResultSetHeader).affectedRows, command: 'done' };
  const columns = fields.map(({ name }) => name);
  return { columns, rows: rows as unknown[][], affected: 0, command: 'SELECT' };
}

async function onMysql(url: string, sql: string): Promise<SqlResult[]> {
  const connection = await connectAlone({
    url,
    multipleStatements: true,
    rowsAsArray: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    timezone: 'Z',
  });
  try {
    const [rows, fields] = (await connection.query(sql)) as unknown as [
      unknown,
      FieldPacket[] | (FieldPacket[] | undefined)[] | undefined,
    ];
    const several =
      Array.isArray(fields) && fields.some((field) => field === undefined || Array.isArray(field));
    if (!several) return [mysqlResult(rows, fields as FieldPacket[] | undefined)];
    const sets = fields as (FieldPacket[] | undefined)[];
    return sets.map((set, index) => mysqlResult((rows as unknown[])[index], set));
  } finally {
    await connection.end();
  }
}

/** Runs one or more statements on the database of the URL; its scheme tells which engine. */
export function runSql(url: string, sql: string): Promise<SqlResult[]> {
  const { protocol } = new URL(url);
  if (protocol === 'postgres:' || protocol === 'postgresql:') return onPostgres(url, sql);
  if (protocol === 'mysql:') return onMysql(url, sql);
  throw new ConfigError([`a database URL begins with postgres:// or mysql://, not ${protocol}//`]);
}
