import { readFileSync } from 'node:fs';
import type { RawRecord } from '../../../src/change/parsers/raw-record.ts';

interface Recorded {
  topic: string;
  key: string | null;
  value: string | null;
  headers: Record<string, string>;
}

const files = {
  postgres: JSON.parse(readFileSync(new URL('fixtures/postgres.json', import.meta.url), 'utf8')),
  mysql: JSON.parse(readFileSync(new URL('fixtures/mysql.json', import.meta.url), 'utf8')),
} as Record<'postgres' | 'mysql', Record<string, Recorded & Recorded[]>>;

const raw = ({ key, value, headers }: Recorded): RawRecord => ({
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  headers,
});

/** A record as Debezium 3.7 (PostgreSQL) or 3.6 (MySQL) wrote it. */
export function recorded(engine: 'postgres' | 'mysql', name: string): RawRecord {
  const found = files[engine][name];
  if (!found) throw new Error(`no record ${name}`);
  return raw(found);
}

/** The changes of one row in one transaction: update, update, delete, insert, and the halves of a key change. */
export const sameTransaction = (engine: 'postgres' | 'mysql'): RawRecord[] =>
  files[engine]['sameTransaction']!.map(raw);
