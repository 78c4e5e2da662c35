import type { ColumnKind } from '../../pipeline/columns.ts';
import type { ColumnDescription } from '../contract.ts';
import type { InspectedTable } from '../inspected-table.ts';
import type { Requirement } from '../requirement.ts';
import type { PlainConnection, PlainRow } from '../plain-connection.ts';
import { advised, required } from '../requirement.ts';
import { version } from './server-version.ts';

async function variables(
  connection: PlainConnection,
  names: readonly string[],
): Promise<Map<string, string>> {
  const rows = await connection.query('SHOW GLOBAL VARIABLES WHERE Variable_name IN (?)', [names]);
  return new Map(rows.map((row) => [String(row['Variable_name']), String(row['Value'])]));
}

/** Column names come back in the letter case of the server's version. */
const lower = (row: PlainRow): PlainRow =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));

export async function inspectVersion(connection: PlainConnection): Promise<Requirement[]> {
  const { text, number } = await version(connection);
  const found = `MySQL ${text}`;
  if (number >= 1000)
    return [
      advised({
        subject: 'version',
        met: false,
        found: `${found}, newer than 9, the newest tested`,
        repair: 'try it on a copy first',
      }),
    ];
  if (number >= 800 && number < 803)
    return [
      advised({
        subject: 'version',
        met: false,
        found: `${found}: no origin marks, which begin with 8.3`,
        repair: 'upgrade to MySQL 8.4 or newer, or keep the triggers: they alone tell whose change it is',
      }),
    ];
  return [
    required({
      subject: 'version',
      met: number >= 800 && !/mariadb/i.test(text),
      found,
      repair: 'use MySQL 8.0 or newer',
    }),
  ];
}

const week = 7 * 86_400;

export async function inspectClock(connection: PlainConnection): Promise<bigint> {
  const [row] = await connection.query(
    `SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) AS clock`,
  );
  return BigInt(String(row!['clock']));
}

/** A tag is part of a transaction's id: there are as many as are wanted. */
export const inspectMarkCapacity = (): Promise<Requirement[]> => Promise.resolve([]);

export async function inspectLog(connection: PlainConnection): Promise<Requirement[]> {
  const names = [
    'log_bin',
    'binlog_format',
    'binlog_row_image',
    'binlog_row_metadata',
    'gtid_mode',
    'binlog_expire_logs_seconds',
    'binlog_transaction_compression',
    'gtid_executed',
  ];
  const found = await variables(connection, names);
  const { number } = await version(connection);
  const is = (name: string, wanted: string, repair: string) => {
    // a variable that is gone has only one way left
    const value = found.get(name) ?? wanted;
    return { subject: name, met: value.toUpperCase() === wanted, found: value, repair };
  };
  const set = (name: string, value: string) => `SET PERSIST ${name} = ${value}`;
  const gtid = is(
    'gtid_mode',
    'ON',
    'set gtid_mode = ON and enforce_gtid_consistency = ON in my.cnf, and restart',
  );
  const kept = Number(found.get('binlog_expire_logs_seconds') ?? 0);
  return [
    required(is('log_bin', 'ON', 'set log_bin in my.cnf, and restart')),
    required(is('binlog_format', 'ROW', set('binlog_format', "'ROW'"))),
    required(is('binlog_row_image', 'FULL', set('binlog_row_image', "'FULL'"))),
    advised(is('binlog_row_metadata', 'FULL', set('binlog_row_metadata', "'FULL'"))),
    // Debezium reads compressed transactions, but gives all of their rows the position of the one compressed event, so
    // that two changes of a row in one transaction cannot be told apart.
    required(is('binlog_transaction_compression', 'OFF', set('binlog_transaction_compression', 'OFF'))),
    number >= 803 ? required(gtid) : advised(gtid),
    advised({
      subject: 'binlog_expire_logs_seconds',
      met: kept === 0 || kept >= week,
      found: kept === 0 ? 'kept for ever' : `kept for ${(kept / 86_400).toFixed(1)} days`,
      repair: set('binlog_expire_logs_seconds', String(week)),
    }),
    advised({
      subject: 'gtid_executed',
      met: found.get('gtid_mode') !== 'ON' || (found.get('gtid_executed') ?? '') !== '',
      found: (found.get('gtid_executed') ?? '') === '' ? 'empty' : 'not empty',
      repair: 'commit any one transaction before the connector takes its first snapshot',
    }),
  ];
}

export async function inspectTable(
  connection: PlainConnection,
  inspected: InspectedTable,
): Promise<Requirement[]> {
  const { table, captured } = inspected;
  const requirements: Requirement[] = [];
  if (captured && table.clock !== null) {
    const triggers = await connection.query(
      `SELECT EVENT_MANIPULATION AS event FROM information_schema.TRIGGERS
       WHERE EVENT_OBJECT_SCHEMA = COALESCE(?, DATABASE()) AND EVENT_OBJECT_TABLE = ? AND TRIGGER_NAME LIKE '%tandem%'`,
      [table.schema, table.name],
    );
    const present = new Set(triggers.map((row) => String(row['event'])));
    if (present.size === 0 && !(await seesTriggers(connection)))
      requirements.push(
        advised({
          subject: `triggers on ${table.name}`,
          met: false,
          found: 'not checked: this role may not see triggers',
          repair: "set the side's …_ADMIN_URL and run it again",
        }),
      );
    else
      for (const event of ['INSERT', 'UPDATE', 'DELETE'])
        requirements.push(
          required({
            subject: `${event} trigger on ${table.name}`,
            met: present.has(event),
            found: present.has(event) ? 'present' : 'missing',
            repair: "run the pipeline's sql/<side>/triggers.sql",
          }),
        );
  }
  if (captured) requirements.push(...(await cascades(connection, inspected)));
  return [...requirements, ...(await zeroDates(connection, inspected))];
}

/** A role without TRIGGER sees none, as if there were none. */
async function seesTriggers(connection: PlainConnection): Promise<boolean> {
  const rows = await connection.query(
    `SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'TRIGGER'
     UNION SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES
       WHERE PRIVILEGE_TYPE = 'TRIGGER' AND TABLE_SCHEMA = DATABASE()
     UNION SELECT 1 FROM information_schema.TABLE_PRIVILEGES
       WHERE PRIVILEGE_TYPE = 'TRIGGER' AND TABLE_SCHEMA = DATABASE()`,
  );
  return rows.length > 0;
}

/** Before 9.6 the log does not hold what a foreign key deletes. */
async function cascades(connection: PlainConnection, { table }: InspectedTable): Promise<Requirement[]> {
  const { text, number } = await version(connection);
  if (number >= 906) return [];
  const rows = await connection.query(
    `SELECT CONSTRAINT_NAME AS name FROM information_schema.REFERENTIAL_CONSTRAINTS
     WHERE CONSTRAINT_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?
       AND (DELETE_RULE IN ('CASCADE', 'SET NULL') OR UPDATE_RULE IN ('CASCADE', 'SET NULL'))`,
    [table.schema, table.name],
  );
  return rows.map((row) =>
    advised({
      subject: `foreign key ${String(row['name'])}`,
      met: false,
      found: `its cascades are not in the log of MySQL ${text}, so they never reach the other side`,
      repair: 'delete the children in a trigger on the parent, or upgrade to MySQL 9.6',
    }),
  );
}

async function zeroDates(connection: PlainConnection, { table }: InspectedTable): Promise<Requirement[]> {
  const mode = (await variables(connection, ['sql_mode'])).get('sql_mode') ?? '';
  const refusesZero = mode.includes('NO_ZERO_DATE') && mode.includes('STRICT_');
  const rows = await connection.query(
    `SELECT COLUMN_NAME AS name, COLUMN_DEFAULT AS standard FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? AND DATA_TYPE IN ('date', 'datetime', 'timestamp')`,
    [table.schema, table.name],
  );
  return rows
    .map(lower)
    .filter(({ name }) => table.columns.has(String(name)))
    .filter(
      ({ standard }) => !refusesZero || (typeof standard === 'string' && standard.startsWith('0000-00-00')),
    )
    .map(({ name }) =>
      advised({
        subject: `${table.name}.${String(name)}`,
        met: false,
        found: 'may hold a zero date, which becomes a dead letter',
        repair: 'put NO_ZERO_DATE and STRICT_TRANS_TABLES into sql_mode, and NULL in place of zero dates',
      }),
    );
}

const integers = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'];
const texts = ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext'];

const blobs = ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'];

const carriers: Record<ColumnKind, readonly string[]> = {
  integer: [...integers, 'decimal', 'year'],
  decimal: ['decimal', ...integers],
  double: ['double', 'decimal'],
  real: ['float', 'double', 'decimal'],
  boolean: ['tinyint', 'bit'],
  text: [],
  bytes: blobs,
  bits: ['bit'],
  uuid: [...texts, 'binary'],
  date: ['date'],
  time: ['time'],
  timestamp: ['datetime'],
  timestamptz: ['timestamp', 'datetime'],
  json: ['json', ...texts],
  array: ['json', ...texts],
};

/** Text is any type that reads as text, which is every type but bytes. */
export function carriesKind(kind: ColumnKind, { type }: ColumnDescription): boolean {
  const [base = ''] = type.split(/[ (]/);
  return kind === 'text' ? !blobs.includes(base) : carriers[kind].includes(base);
}
