import sql from 'sql-template-tag';
import type { ForeignKey, LiveTable } from '../live-schema.ts';
import type { PlainConnection } from '../plain-connection.ts';
import { plainSession } from '../plain-session.ts';
import type { Session } from '../session.ts';
import { introspect } from './introspect.ts';
import { uniqueIndexes } from './unique-indexes.ts';

const ordinary = sql`
  SELECT table_name AS name FROM information_schema.tables
  WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY table_name`;

const extras = (table: string) => sql`
  SELECT column_name AS name, extra AS extra FROM information_schema.columns
  WHERE table_schema = database() AND table_name = ${table}`;

const foreign = (table: string) => sql`
  SELECT k.constraint_name AS name, k.column_name AS column_name, k.referenced_table_name AS parent,
    k.referenced_column_name AS parent_column, r.delete_rule AS rule
  FROM information_schema.key_column_usage k
    JOIN information_schema.referential_constraints r
      ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name
        AND r.table_name = k.table_name
  WHERE k.table_schema = database() AND k.table_name = ${table} AND k.referenced_table_schema = database()
  ORDER BY k.constraint_name, k.ordinal_position`;

const triggers = (table: string) => sql`
  SELECT trigger_name AS name FROM information_schema.triggers
  WHERE event_object_schema = database() AND event_object_table = ${table} ORDER BY trigger_name`;

const rules: Readonly<Record<string, ForeignKey['onDelete']>> = {
  CASCADE: 'cascade',
  'SET NULL': 'set null',
};

export async function liveTables(connection: PlainConnection): Promise<LiveTable[]> {
  const session = plainSession(connection, 'sql');
  const found: LiveTable[] = [];
  for (const row of (await session.query(ordinary)).rows)
    found.push(await liveTable(session, String(row['name'])));
  return found;
}

async function liveTable(session: Session, name: string): Promise<LiveTable> {
  const table = { schema: null, name };
  const unique = await uniqueIndexes(session, table);
  const key = unique.find((index) => index.name === 'PRIMARY')?.columns ?? [];
  const { rows } = await session.query(extras(name));
  const saying = (pattern: RegExp) =>
    new Set(rows.filter((row) => pattern.test(String(row['extra']))).map((row) => String(row['name'])));
  const [only] = key;
  return {
    ...table,
    columns: await introspect(session, table),
    key,
    uniques: unique.filter((index) => index.name !== 'PRIMARY'),
    foreignKeys: foreignKeys((await session.query(foreign(name))).rows),
    computed: saying(/\b(VIRTUAL|STORED) GENERATED\b/i),
    touched: saying(/\bon update\b/i),
    triggers: (await session.query(triggers(name))).rows.map((row) => String(row['name'])),
    numbered: key.length === 1 && saying(/\bauto_increment\b/i).has(only!),
  };
}

function foreignKeys(rows: readonly Record<string, unknown>[]): ForeignKey[] {
  const found = new Map<
    string,
    { columns: string[]; parentColumns: string[]; rest: Pick<ForeignKey, 'parent' | 'onDelete'> }
  >();
  for (const row of rows) {
    const name = String(row['name']);
    const one = found.get(name) ?? {
      columns: [],
      parentColumns: [],
      rest: { parent: String(row['parent']), onDelete: rules[String(row['rule'])] ?? 'refuse' },
    };
    one.columns.push(String(row['column_name']));
    one.parentColumns.push(String(row['parent_column']));
    found.set(name, one);
  }
  return [...found.values()].map(({ columns, parentColumns, rest }) => ({ columns, parentColumns, ...rest }));
}
