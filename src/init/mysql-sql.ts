import { createHash } from 'node:crypto';
import { literal, noTriggers, objectName } from './side-tables.ts';
import type { SideSqlFiles, SideTable } from './side-tables.ts';

const quoted = (name: string) => `\`${name.replaceAll('`', '``')}\``;

export interface MysqlNames {
  pipeline: string;
  side: string;
}

/** The SQL that a MySQL side needs, for its administrator. `routines`: those of every two-way pipeline. */
export const mysqlSql = (
  names: MysqlNames,
  tables: readonly SideTable[],
  routines: string,
): SideSqlFiles => ({
  schema: schemaSql(names, tables),
  grants: grantsSql(tables),
  triggers: tables.some(({ table }) => table.clock !== null)
    ? triggersSql(names, tables, routines)
    : noTriggers,
});

function schemaSql({ side }: MysqlNames, tables: readonly SideTable[]): string {
  const added = tables.flatMap(({ table }) => [
    ...(table.sourceColumn
      ? [[table.name, table.sourceColumn, `VARCHAR(20) NOT NULL DEFAULT ${literal(side)}`]]
      : []),
    ...(table.clock ? [[table.name, table.clock, 'BIGINT NOT NULL DEFAULT 0']] : []),
  ]);
  if (added.length === 0) return '-- Nothing is added to the tables of this side.\n';
  return `-- Who wrote a row last, and when: kept by the triggers, the apps need not know them.
-- MySQL has no ADD COLUMN IF NOT EXISTS: what is there already is left out here.

${added.map(([table, column, type]) => addColumn(table!, column!, type!)).join('\n\n')}
`;
}

const addColumn = (table: string, column: string, type: string) => `SET @add_column = (
  SELECT IF(COUNT(*) > 0, 'DO 0', ${literal(`ALTER TABLE ${quoted(table)} ADD COLUMN ${quoted(column)} ${type}`)})
  FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = ${literal(table)} AND column_name = ${literal(column)}
);
PREPARE add_column FROM @add_column;
EXECUTE add_column;
DEALLOCATE PREPARE add_column;`;

function grantsSql(tables: readonly SideTable[]): string {
  const grant = (rights: string, some: readonly SideTable[], role: string) =>
    some.map(({ table }) => `GRANT ${rights} ON ${quoted(table.name)} TO ${role};`);
  return [
    '-- A role that does not exist is made closed; `tandem install` opens it with the password of .env.',
    'CREATE USER IF NOT EXISTS debezium IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;',
    'CREATE USER IF NOT EXISTS sync_service IDENTIFIED BY RANDOM PASSWORD ACCOUNT LOCK;',
    '',
    '-- Reads the log, and the tables once for the snapshot. RELOAD: the short read lock under which it notes the position.',
    'GRANT REPLICATION SLAVE, REPLICATION CLIENT, RELOAD ON *.* TO debezium;',
    ...grant(
      'SELECT',
      tables.filter(({ captured }) => captured),
      'debezium',
    ),
    '',
    "-- What Tandem itself may do; REPLICATION CLIENT: sees which binary log files there still are. Its ledger's rights come with",
    '-- `tandem migrate`.',
    'GRANT REPLICATION CLIENT ON *.* TO sync_service;',
    ...grant(
      'SELECT',
      tables.filter(({ written }) => !written),
      'sync_service',
    ),
    ...grant(
      'SELECT, INSERT, UPDATE, DELETE',
      tables.filter(({ written }) => written),
      'sync_service',
    ),
    '',
  ].join('\n');
}

function triggersSql(names: MysqlNames, tables: readonly SideTable[], routines: string): string {
  const marked = tables.filter(({ table, captured }) => captured && table.clock !== null);
  return `-- What Tandem's triggers do for every writer but Tandem itself (the session user sync_service):
--   insert  starts the row clock above everything this key ever was
--   update  of a mapped column raises the clock; any other leaves it as it is
--   delete  deletes the children first, so that each has a trigger of its own, and keeps a tombstone
-- A trigger's name ends in a digest of its text: a changed one is created before the one in its place is dropped, so that no
-- write goes unseen.
-- They write to the ledger: run \`tandem migrate\` first.

DELIMITER //

${routines.trim()}

${marked.map((each) => tableTriggers(names, each)).join('\n\n')}

DELIMITER ;
`;
}

/** The row's canonical key (`keyText`). */
function keyOf({ table, live }: SideTable, row: 'NEW' | 'OLD'): string {
  const texts = table.key.map((column) => {
    const binary = table.columns.get(column)?.kind === 'uuid' && live.columns.get(column)?.type === 'binary';
    return binary ? `BIN_TO_UUID(${row}.${quoted(column)})` : `${row}.${quoted(column)}`;
  });
  if (texts.length === 1) return texts[0]!;
  return `CONCAT('[', ${texts.map((text) => `JSON_QUOTE(CAST(${text} AS CHAR))`).join(", ',', ")}, ']')`;
}

function tableTriggers({ pipeline, side }: MysqlNames, each: SideTable): string {
  const { entity, table, live, children } = each;
  const of = `${literal(pipeline)}, ${literal(entity)}, ${literal(side)}`;
  const clock = quoted(table.clock!);
  const source = table.sourceColumn === null ? null : quoted(table.sourceColumn);
  const stamp = (indent: string) =>
    source === null ? '' : `${indent}SET NEW.${source} = ${literal(side)};\n`;
  const name = quoted(table.name);
  const [oldKey, newKey] = [keyOf(each, 'OLD'), keyOf(each, 'NEW')];
  const same = table.key.map((column) => `${quoted(column)} = NEW.${quoted(column)}`).join(' AND ');
  // Under most collations a change of case alone would be none.
  const exact = (row: string, column: string) =>
    table.columns.get(column)?.kind === 'text'
      ? `CAST(${row}.${quoted(column)} AS BINARY)`
      : `${row}.${quoted(column)}`;
  const unchanged = (columns: Iterable<string>) =>
    [...new Set(columns)]
      .map((column) => `${exact('NEW', column)} <=> ${exact('OLD', column)}`)
      .join('\n      AND ');
  const trigger = (what: string, body: string) => {
    const whole = `BEFORE ${what.toUpperCase()} ON ${name} FOR EACH ROW
BEGIN
  IF SUBSTRING_INDEX(USER(), '@', 1) <> 'sync_service' THEN
${body}
  END IF;
END`;
    const digest = createHash('sha256').update(whole).digest('hex').slice(0, 8);
    const base = `${table.name.slice(0, 40)}_tandem_${what}`;
    const current = `${base}_${digest}`;
    const earlier = live.triggers.filter((other) => other.startsWith(`${base}_`) && other !== current);
    return [
      `CREATE TRIGGER IF NOT EXISTS ${quoted(current)} ${whole}\n//`,
      ...earlier.map((other) => `DROP TRIGGER IF EXISTS ${quoted(other)}\n//`),
    ].join('\n');
  };
  return [
    `-- ${objectName(pipeline, entity)}`,
    trigger(
      'insert',
      `${stamp('    ')}    SET NEW.${clock} = tandem.clock_now_v1();
    -- A generated key is new. Only one the app names itself can have a history; REPLACE comes here before its delete.
    IF ${live.numbered ? `NEW.${quoted(table.key[0]!)} <> 0\n      AND ` : ''}(EXISTS (SELECT 1 FROM ${name} WHERE ${same}) OR tandem.knows_delete_v1(${of}, ${newKey}))
    THEN
      SET NEW.${clock} = GREATEST(NEW.${clock},
        COALESCE((SELECT ${clock} + 2 FROM ${name} WHERE ${same} FOR SHARE), 0),
        tandem.clock_above_v1(${of}, ${newKey}));
    END IF;`,
    ),
    trigger(
      'update',
      `    IF ${unchanged([...table.key, ...table.columns.keys()])}
    THEN
${source === null ? '' : `      SET NEW.${source} = OLD.${source};\n`}      SET NEW.${clock} = OLD.${clock};
    ELSE
${stamp('      ')}      SET NEW.${clock} = GREATEST(tandem.clock_now_v1(), OLD.${clock} + 1);
      IF NOT (${unchanged(table.key)}) THEN
        SET NEW.${clock} = GREATEST(NEW.${clock}, OLD.${clock} + 2, tandem.clock_above_v1(${of}, ${newKey}));
        -- To the old key this is a delete, one below the new version: as the other side keeps it.
        CALL tandem.record_local_tombstone_v1(${of}, ${oldKey}, NEW.${clock} - 2);
        CALL tandem.move_identity_v2(${of}, ${oldKey}, ${newKey});
      END IF;
    END IF;`,
    ),
    trigger(
      'delete',
      [
        ...children.map(({ live: kin, column, onDelete }) => {
          const where = `WHERE ${quoted(column)} = OLD.${quoted(table.key[0]!)}`;
          return onDelete === 'cascade'
            ? `    DELETE FROM ${quoted(kin.name)} ${where};`
            : `    UPDATE ${quoted(kin.name)} SET ${quoted(column)} = NULL ${where};`;
        }),
        `    CALL tandem.record_local_tombstone_v1(${of}, ${oldKey}, OLD.${clock});`,
      ].join('\n'),
    ),
  ].join('\n');
}
