import sql from 'sql-template-tag';
import type { ForeignKey, LiveTable } from '../live-schema.ts';
import type { PlainConnection } from '../plain-connection.ts';
import { plainSession } from '../plain-session.ts';
import type { Session } from '../session.ts';
import { introspect } from './introspect.ts';
import { uniqueIndexes } from './unique-indexes.ts';

const ordinary = sql`
  SELECT c.oid::text AS oid, n.nspname::text AS schema, c.relname::text AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND NOT c.relispartition AND n.nspname NOT LIKE 'pg\\_%'
    AND n.nspname NOT IN ('information_schema', 'tandem')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
  ORDER BY n.nspname, c.relname`;

/** Key, computed columns, and what the functions of the app's own BEFORE UPDATE triggers assign. */
const facts = (oid: string) => sql`
  SELECT
    (SELECT json_agg(a.attname ORDER BY k.place)::text
      FROM pg_index x CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k(number, place)
        JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number
      WHERE x.indrelid = ${oid}::oid AND x.indisprimary) AS key,
    (SELECT json_agg(t.tgname)::text FROM pg_trigger t WHERE t.tgrelid = ${oid}::oid AND NOT t.tgisinternal) AS triggers,
    (SELECT json_agg(a.attname)::text FROM pg_attribute a
      WHERE a.attrelid = ${oid}::oid AND a.attgenerated <> '') AS computed,
    (SELECT json_agg(DISTINCT lower(found.names[1]))::text
      FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        CROSS JOIN LATERAL regexp_matches(p.prosrc, 'new\\.(\\w+)\\s*:?=', 'gi') AS found(names)
      WHERE t.tgrelid = ${oid}::oid AND NOT t.tgisinternal AND t.tgname NOT LIKE 'zz\\_tandem\\_%'
        AND t.tgtype & 2 = 2 AND t.tgtype & 16 = 16) AS touched,
    (SELECT json_agg(json_build_object('columns', (
        SELECT json_agg(a.attname ORDER BY k.place)
        FROM unnest(f.conkey) WITH ORDINALITY AS k(number, place)
          JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number
      ), 'parent', p.relname, 'parentColumns', (
        SELECT json_agg(a.attname ORDER BY k.place)
        FROM unnest(f.confkey) WITH ORDINALITY AS k(number, place)
          JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.number
      ), 'onDelete', CASE f.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'refuse' END)
      ORDER BY f.conname)::text
      FROM pg_constraint f JOIN pg_class p ON p.oid = f.confrelid AND p.relnamespace = f.connamespace
      WHERE f.conrelid = ${oid}::oid AND f.contype = 'f') AS foreign_keys`;

const list = <T>(text: unknown): T[] => (text === null ? [] : (JSON.parse(text as string) as T[]));

export async function liveTables(connection: PlainConnection): Promise<LiveTable[]> {
  const session = plainSession(connection, 'text');
  const found: LiveTable[] = [];
  for (const row of (await session.query(ordinary)).rows)
    found.push(await liveTable(session, String(row['oid']), String(row['schema']), String(row['name'])));
  return found;
}

async function liveTable(session: Session, oid: string, schema: string, name: string): Promise<LiveTable> {
  const columns = await introspect(session, { schema, name });
  const [row] = (await session.query(facts(oid))).rows;
  const key = list<string>(row!['key']);
  const [only] = key;
  return {
    schema,
    name,
    columns,
    key,
    uniques: (await uniqueIndexes(session, { schema, name })).filter(
      ({ columns }) => columns.join() !== key.join(),
    ),
    foreignKeys: list<ForeignKey>(row!['foreign_keys']),
    computed: new Set(list<string>(row!['computed'])),
    touched: new Set(list<string>(row!['touched'])),
    triggers: list<string>(row!['triggers']),
    numbered:
      key.length === 1 && /int|numeric/.test(columns.get(only!)!.type) && columns.get(only!)!.hasDefault,
  };
}
