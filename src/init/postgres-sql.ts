import { literal, noTriggers, objectName } from './side-tables.ts';
import type { SideSqlFiles, SideTable } from './side-tables.ts';

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const fullName = ({ schema, name }: { schema: string | null; name: string }) =>
  `${quoted(schema ?? 'public')}.${quoted(name)}`;

export interface PostgresNames {
  pipeline: string;
  side: string;
  publication: string;
}

/** The SQL that a PostgreSQL side needs, for its administrator. `routines`: the functions of every two-way pipeline. */
export const postgresSql = (
  names: PostgresNames,
  tables: readonly SideTable[],
  routines: string,
): SideSqlFiles => ({
  schema: schemaSql(names, tables),
  grants: grantsSql(names, tables),
  triggers: tables.some(({ table }) => table.clock !== null)
    ? triggersSql(names, tables, routines)
    : noTriggers,
});

const inTransaction = (...blocks: readonly string[]) => `BEGIN;\n\n${blocks.join('\n\n')}\n\nCOMMIT;\n`;

function schemaSql({ side }: PostgresNames, tables: readonly SideTable[]): string {
  const columns = tables.flatMap(({ table, live }) => {
    const added = [
      ...(table.sourceColumn
        ? [`${quoted(table.sourceColumn)} varchar(20) NOT NULL DEFAULT ${literal(side)}`]
        : []),
      ...(table.clock ? [`${quoted(table.clock)} bigint NOT NULL DEFAULT 0`] : []),
    ].map((column) => `\n  ADD COLUMN IF NOT EXISTS ${column}`);
    return added.length > 0 ? [`ALTER TABLE ${fullName(live)}${added.join(',')};`] : [];
  });
  const identities = tables
    .filter(({ captured }) => captured)
    .map(({ live }) => `ALTER TABLE ${fullName(live)} REPLICA IDENTITY FULL;`);
  return inTransaction(
    ...(columns.length > 0
      ? [
          `-- Who wrote a row last, and when: kept by the triggers, the apps need not know them.\n${columns.join('\n')}`,
        ]
      : []),
    `-- The log carries the whole row before each change.\n${identities.join('\n')}`,
  );
}

function grantsSql({ publication }: PostgresNames, tables: readonly SideTable[]): string {
  const names = (some: readonly SideTable[]) => some.map(({ live }) => `\n  ${fullName(live)}`).join(',');
  const captured = tables.filter((each) => each.captured);
  const written = tables.filter((each) => each.written);
  const schemas = [...new Set(tables.map(({ live }) => quoted(live.schema ?? 'public')))].join(', ');
  return inTransaction(
    `-- A role that does not exist is made closed; \`tandem install\` opens it with the password of .env.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['debezium', 'sync_service'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    END IF;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA ${schemas} TO debezium, sync_service;`,
    `-- Reads the log, and the tables once for the snapshot.
ALTER ROLE debezium REPLICATION;
GRANT SELECT ON${names(captured)}
  TO debezium;`,
    `-- What Tandem itself may do. Its ledger's rights come with \`tandem migrate\`.
GRANT SELECT ON${names(tables)}
  TO sync_service;`,
    ...(written.length > 0
      ? [
          `GRANT INSERT, UPDATE, DELETE ON${names(written)}
  TO sync_service;`,
          `-- The sequences that number new rows.
DO $$
DECLARE
  numbering regclass;
BEGIN
  FOR numbering IN
    SELECT s.oid::regclass
    FROM pg_attrdef a
      JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.oid AND d.refclassid = 'pg_class'::regclass
      JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
    WHERE a.adrelid = ANY (ARRAY[${written.map(({ live }) => `\n      ${literal(fullName(live))}`).join(',')}
    ]::regclass[])
  LOOP
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO sync_service', numbering);
  END LOOP;
END $$;`,
        ]
      : []),
    `-- What the connector may see of the log: these tables and nothing else.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = ${literal(publication)}) THEN
    CREATE PUBLICATION ${quoted(publication)};
  END IF;
  ALTER PUBLICATION ${quoted(publication)} SET TABLE${names(captured)};
END $$;`,
  );
}

/** The row's canonical key (`keyText`). */
function keyOf({ key }: SideTable['table'], row: 'NEW' | 'OLD'): string {
  const [only] = key;
  if (key.length === 1) return `${row}.${quoted(only!)}::text`;
  return `'[' || ${key.map((column) => `to_json(${row}.${quoted(column)}::text)::text`).join(" || ',' || ")} || ']'`;
}

function triggersSql(names: PostgresNames, tables: readonly SideTable[], routines: string): string {
  const marked = tables.filter(({ table, captured }) => captured && table.clock !== null);
  return `-- What Tandem's triggers do for every writer but Tandem itself (the session user sync_service):
--   insert  starts the row clock above everything this key ever was
--   update  of a mapped column raises the clock; any other leaves it as it is
--   delete  deletes the children first, so that each has a trigger of its own, and keeps a tombstone
-- They write to the ledger: run \`tandem migrate\` first.
${inTransaction(routines.trim(), ...marked.map((each) => tableTriggers(names, each)))}`;
}

function tableTriggers({ pipeline, side }: PostgresNames, each: SideTable): string {
  const { entity, table, live, children } = each;
  const of = `${literal(pipeline)}, ${literal(entity)}, ${literal(side)}`;
  const name = fullName(live);
  const base = objectName(pipeline, entity);
  const clock = quoted(table.clock!);
  const source = table.sourceColumn === null ? null : quoted(table.sourceColumn);
  const same = (row: string, other: string) =>
    table.key.map((column) => `${row}.${quoted(column)} = ${other}.${quoted(column)}`).join(' AND ');
  const stamp = source === null ? '' : `  NEW.${source} := ${literal(side)};\n`;
  const compared = (row: string) =>
    [...new Set([...table.key, ...table.columns.keys()])]
      .map((column) => `${row}.${quoted(column)}${live.columns.get(column)?.type === 'json' ? '::text' : ''}`)
      .join(', ');
  const [oldKey, newKey] = [keyOf(table, 'OLD'), keyOf(table, 'NEW')];
  const makes = (
    what: string,
    body: string,
  ) => `CREATE OR REPLACE FUNCTION tandem.${quoted(`${base}_${what}`)}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
${body}
END $$;`;
  const fires = (
    place: string,
    what: string,
  ) => `CREATE OR REPLACE TRIGGER ${place} BEFORE ${what.toUpperCase()} ON ${name} FOR EACH ROW
  WHEN (session_user <> 'sync_service') EXECUTE FUNCTION tandem.${quoted(`${base}_${what}`)}();`;
  const functions = ['insert', 'update', 'delete'].map((what) => `tandem.${quoted(`${base}_${what}`)}()`);
  const now = '(extract(epoch FROM clock_timestamp()) * 1000000)::bigint';
  return [
    `-- ${entity}`,
    makes(
      'insert',
      `  -- Waits for an open delete of this key, whose tombstone is not to be seen before it is committed.
  PERFORM FROM ${name} AS t WHERE ${same('t', 'NEW')} FOR SHARE;
${stamp}  NEW.${clock} := greatest(${now}, tandem.clock_above(${of}, ${newKey}));
  RETURN NEW;`,
    ),
    makes(
      'update',
      `  IF (${compared('OLD')})
    IS NOT DISTINCT FROM
    (${compared('NEW')})
  THEN
${source === null ? '' : `    NEW.${source} := OLD.${source};\n`}    NEW.${clock} := OLD.${clock};
    RETURN NEW;
  END IF;
${stamp}  NEW.${clock} := greatest(${now}, OLD.${clock} + 1);
  IF NOT (${same('NEW', 'OLD')}) THEN
    NEW.${clock} := greatest(NEW.${clock}, OLD.${clock} + 2, tandem.clock_above(${of}, ${newKey}));
    -- To the old key this is a delete, one below the new version: as the other side keeps it.
    PERFORM tandem.record_local_tombstone(${of}, ${oldKey}, NEW.${clock} - 2);
    PERFORM tandem.move_identity(${of}, ${oldKey}, ${newKey});
  END IF;
  RETURN NEW;`,
    ),
    makes(
      'delete',
      [
        ...children.map((child) => {
          const { live: kin, column, onDelete } = child;
          const where = `WHERE ${quoted(column)} = OLD.${quoted(table.key[0]!)}`;
          return onDelete === 'cascade'
            ? `  DELETE FROM ${fullName(kin)} ${where};`
            : `  UPDATE ${fullName(kin)} SET ${quoted(column)} = NULL ${where};`;
        }),
        `  PERFORM tandem.record_local_tombstone(${of}, ${oldKey}, OLD.${clock});`,
        '  RETURN OLD;',
      ].join('\n'),
    ),
    `REVOKE ALL ON FUNCTION ${functions.join(', ')} FROM PUBLIC;`,
    // Triggers of one kind fire in the order of their names: Tandem's after the app's own.
    `${fires('zz_tandem_1_insert', 'insert')}
${fires('zz_tandem_2_update', 'update')}
${fires('zz_tandem_3_delete', 'delete')}
-- In sessions of session_replication_role = replica as well.
ALTER TABLE ${name}
  ENABLE ALWAYS TRIGGER zz_tandem_1_insert, ENABLE ALWAYS TRIGGER zz_tandem_2_update, ENABLE ALWAYS TRIGGER zz_tandem_3_delete;`,
  ].join('\n\n');
}
