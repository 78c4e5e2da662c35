import type { ColumnKind } from '../../pipeline/columns.ts';
import type { ColumnDescription } from '../contract.ts';
import type { InspectedTable } from '../inspected-table.ts';
import type { Requirement } from '../requirement.ts';
import type { PlainConnection } from '../plain-connection.ts';
import { advised, required } from '../requirement.ts';
import { fullName, quoted } from './inspected-name.ts';

const supported = { from: 15, to: 18 };

async function setting(connection: PlainConnection, name: string): Promise<string | null> {
  const [row] = await connection.query('SELECT setting FROM pg_settings WHERE name = $1', [name]);
  return row === undefined ? null : String(row['setting']);
}

async function number(
  connection: PlainConnection,
  statement: string,
  parameters: unknown[] = [],
): Promise<number> {
  const [row] = await connection.query(statement, parameters);
  return Number(Object.values(row ?? {})[0] ?? 0);
}

export async function inspectVersion(connection: PlainConnection): Promise<Requirement[]> {
  const major = Math.floor(Number(await setting(connection, 'server_version_num')) / 10_000);
  const found = `PostgreSQL ${await setting(connection, 'server_version')}`;
  if (major > supported.to)
    return [
      advised({
        subject: 'version',
        met: false,
        found: `${found}, newer than ${supported.to}, the newest tested`,
        repair: 'try it on a copy first',
      }),
    ];
  return [
    required({
      subject: 'version',
      met: major >= supported.from,
      found,
      repair: `upgrade to PostgreSQL ${supported.from} or newer`,
    }),
  ];
}

export async function inspectClock(connection: PlainConnection): Promise<bigint> {
  const [row] = await connection.query(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS clock',
  );
  return BigInt(String(row!['clock']));
}

const change = (name: string, value: string | number) =>
  `ALTER SYSTEM SET ${name} = ${value}; then restart the server`;

export async function inspectLog(connection: PlainConnection): Promise<Requirement[]> {
  const level = await setting(connection, 'wal_level');
  const slots = Number(await setting(connection, 'max_replication_slots'));
  const usedSlots = await number(connection, 'SELECT count(*) FROM pg_replication_slots');
  const senders = Number(await setting(connection, 'max_wal_senders'));
  return [
    required({
      subject: 'wal_level',
      met: level === 'logical',
      found: String(level),
      repair: change('wal_level', 'logical'),
    }),
    required({
      subject: 'max_replication_slots',
      met: slots > 0 && usedSlots <= slots,
      found: `${usedSlots} of ${slots} used`,
      repair: change('max_replication_slots', Math.max(slots + 10, 10)),
    }),
    required({
      subject: 'max_wal_senders',
      met: senders > 0,
      found: String(senders),
      repair: change('max_wal_senders', 10),
    }),
  ];
}

export async function inspectMarkCapacity(
  connection: PlainConnection,
  connections: number,
): Promise<Requirement[]> {
  // before PostgreSQL 18 the slots' limit is the origins' too
  const originSetting =
    (await setting(connection, 'max_active_replication_origins')) === null
      ? 'max_replication_slots'
      : 'max_active_replication_origins';
  const origins = Number(await setting(connection, originSetting));
  const made = await number(
    connection,
    "SELECT count(*) FROM pg_replication_origin WHERE roname ~ '^tandem_[0-9]+$'",
  );
  const active = {
    subject: 'active replication origins',
    found: `${originSetting} is ${origins}, for ${connections} connections of each process`,
    repair: change(originSetting, connections * 4),
  };
  return [
    advised({
      subject: 'replication origins',
      met: made >= connections,
      found: `${made} made for ${connections} connections of each process`,
      repair: 'tandem migrate',
      remedy: 'migrate',
    }),
    origins < connections
      ? required({ ...active, met: false })
      : advised({ ...active, met: origins >= connections * 4 }),
  ];
}

const triggerEvents = [
  { event: 'INSERT', bit: 4 },
  { event: 'DELETE', bit: 8 },
  { event: 'UPDATE', bit: 16 },
] as const;

export async function inspectTable(
  connection: PlainConnection,
  inspected: InspectedTable,
  publication: string | null = null,
): Promise<Requirement[]> {
  const { table, captured } = inspected;
  if (!captured) return [];
  const name = fullName(inspected);
  const [relation] = await connection.query(
    'SELECT relreplident AS identity FROM pg_class WHERE oid = to_regclass($1)',
    [name],
  );
  if (relation === undefined) return [];
  const full = `ALTER TABLE ${name} REPLICA IDENTITY FULL`;
  const requirements = [
    required({
      subject: `replica identity of ${table.name}`,
      met: relation['identity'] === 'f',
      found:
        relation['identity'] === 'f'
          ? 'FULL'
          : 'not FULL: the log lacks unchanged long values and before images',
      repair: full,
      remedy: { statements: [full] },
    }),
    await inPublication(connection, inspected, publication),
  ];
  return table.clock === null
    ? requirements
    : [...requirements, ...(await triggersFire(connection, inspected))];
}

async function inPublication(
  connection: PlainConnection,
  inspected: InspectedTable,
  publication: string | null,
): Promise<Requirement> {
  const { table } = inspected;
  const subject = `publication of ${table.name}`;
  const published = await number(
    connection,
    `SELECT count(*) FROM pg_publication_tables
     WHERE schemaname = $1 AND tablename = $2 AND pubname = coalesce($3, pubname)`,
    [table.schema ?? 'public', table.name, publication],
  );
  if (publication === null)
    return advised({
      subject,
      met: published > 0,
      found: published > 0 ? 'published' : 'in no publication: the connector must be allowed to make one',
      repair: `CREATE PUBLICATION dbz_publication FOR TABLE ${fullName(inspected)}; or ALTER PUBLICATION … ADD TABLE`,
    });
  const made = await number(connection, 'SELECT count(*) FROM pg_publication WHERE pubname = $1', [
    publication,
  ]);
  const create = `CREATE PUBLICATION ${quoted(publication)}`;
  const add = `ALTER PUBLICATION ${quoted(publication)} ADD TABLE ${fullName(inspected)}`;
  return required({
    subject,
    met: published > 0,
    found:
      published > 0
        ? `in ${publication}`
        : `not in ${publication}: its changes are not captured, and what changed so far must be brought by tandem backfill`,
    repair: made > 0 ? add : `${create}; ${add}`,
    // Another table of it may have made it meanwhile.
    remedy: {
      statements: [`DO $$ BEGIN ${create}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`, add],
    },
  });
}

async function triggersFire(connection: PlainConnection, inspected: InspectedTable): Promise<Requirement[]> {
  const { table } = inspected;
  const triggers = await connection.query(
    `SELECT tgname AS name, tgtype::int AS type, tgenabled AS enabled FROM pg_trigger
     WHERE tgrelid = to_regclass($1) AND NOT tgisinternal AND tgname LIKE '%tandem%'`,
    [fullName(inspected)],
  );
  return triggerEvents.map(({ event, bit }) => {
    const own = triggers.filter(({ type }) => (Number(type) & bit) !== 0);
    const waking = own
      .filter(({ enabled }) => enabled !== 'A')
      .map(({ name }) => `ALTER TABLE ${fullName(inspected)} ENABLE ALWAYS TRIGGER ${quoted(String(name))}`);
    const missing = own.length === 0;
    return required({
      subject: `${event} trigger on ${table.name}`,
      met: !missing && waking.length === 0,
      found: missing ? 'missing' : waking.length > 0 ? 'does not fire always' : 'fires always',
      repair: missing ? "run the pipeline's sql/<side>/triggers.sql" : waking.join('; '),
      ...(!missing && { remedy: { statements: waking } }),
    });
  });
}

const integers = ['smallint', 'integer', 'bigint'];
const texts = ['character varying', 'character', 'text', 'citext', 'name'];

const carriers: Record<ColumnKind, readonly string[]> = {
  integer: [...integers, 'numeric'],
  decimal: ['numeric', ...integers],
  double: ['double precision', 'numeric'],
  real: ['real', 'double precision', 'numeric'],
  boolean: ['boolean', ...integers],
  text: [],
  bytes: ['bytea'],
  bits: ['bit', 'bit varying'],
  uuid: ['uuid', 'bytea', ...texts],
  date: ['date'],
  time: ['time without time zone', 'time'],
  timestamp: ['timestamp without time zone', 'timestamp'],
  timestamptz: ['timestamp with time zone', 'timestamptz'],
  json: ['json', 'jsonb', ...texts],
  array: [],
};

/** Text is any type with an input and output of its own, which is every type but bytes. */
export function carriesKind(kind: ColumnKind, { type }: ColumnDescription): boolean {
  if (kind === 'array') return type.endsWith('[]') || type === 'array';
  if (kind === 'text') return type !== 'bytea';
  return carriers[kind].some((carrier) => type === carrier || type.startsWith(`${carrier}(`));
}
