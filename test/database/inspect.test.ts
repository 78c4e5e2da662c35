import { describe, expect, test } from '@jest/globals';
import { inspection, openInspection } from '../../src/database/inspector.ts';
import type { InspectedTable } from '../../src/database/inspected-table.ts';
import type { Requirement } from '../../src/database/requirement.ts';
import { columnKinds } from '../../src/pipeline/columns.ts';
import type { ColumnKind } from '../../src/pipeline/columns.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import type { CompiledTable } from '../../src/pipeline/route.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';
import { compiled } from '../support/inspected-table.ts';

test.each(['postgres', 'mysql'] as const)('the clock of %s is asked in microseconds', async (engine) => {
  await using database = await freshDatabase(engine, { migrated: false });
  const connection = await openInspection(engine, database.adminUrl);
  const clock = await inspection(engine).inspectClock(connection);
  expect(Math.abs(Number(clock / 1000n) - Date.now())).toBeLessThan(5000);
  await connection.close();
});

const twoWay = (table: CompiledTable): InspectedTable => ({ table, captured: true, written: true });

const unmet = (requirements: readonly Requirement[]) => requirements.filter(({ met }) => !met);
const about = (requirements: readonly Requirement[], subject: string) => {
  const found = requirements.find((requirement) => requirement.subject === subject);
  if (found === undefined)
    throw new Error(
      `nothing is said of "${subject}"; of ${requirements.map((each) => each.subject).join(', ')}`,
    );
  return found;
};

interface Words {
  peopleTable: string;
  trigger: (event: string) => string[];
  /** A column type for each kind the engine has. */
  types: Partial<Record<ColumnKind, string>>;
  reader: string;
}

const words: Record<Engine, Words> = {
  postgres: {
    peopleTable: 'CREATE TABLE people (id bigint PRIMARY KEY, source text, sync_clock bigint)',
    trigger: (event) => [
      `CREATE FUNCTION tandem_${event}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
      `CREATE TRIGGER zz_tandem_${event} BEFORE ${event} ON people FOR EACH ROW EXECUTE FUNCTION tandem_${event}()`,
    ],
    types: {
      integer: 'bigint',
      decimal: 'numeric(30,10)',
      double: 'double precision',
      real: 'real',
      boolean: 'boolean',
      text: 'varchar(20)',
      bytes: 'bytea',
      uuid: 'uuid',
      date: 'date',
      time: 'time(6)',
      timestamp: 'timestamp(3)',
      timestamptz: 'timestamptz',
      json: 'jsonb',
      array: 'int[]',
    },
    reader: 'CREATE ROLE reader_of_test LOGIN',
  },
  mysql: {
    peopleTable: 'CREATE TABLE people (id BIGINT PRIMARY KEY, source VARCHAR(20), sync_clock BIGINT)',
    trigger: (event) => [
      `CREATE TRIGGER people_tandem_${event} BEFORE ${event} ON people FOR EACH ROW SET @seen = 1`,
    ],
    types: {
      integer: 'bigint unsigned',
      decimal: 'decimal(30,10)',
      double: 'double',
      real: 'float',
      boolean: 'tinyint(1)',
      text: "enum('a','b')",
      bytes: 'longblob',
      uuid: 'binary(16)',
      date: 'date',
      time: 'time(6)',
      timestamp: 'datetime(6)',
      timestamptz: 'timestamp(6)',
      json: 'json',
    },
    reader: "CREATE USER reader_of_test IDENTIFIED BY 'x'",
  },
};

async function admin(database: TestDatabase) {
  const connection = await openInspection(database.engine, database.adminUrl);
  return { ...connection, [Symbol.asyncDispose]: () => connection.close() };
}

async function as(database: TestDatabase, url: string) {
  const connection = await openInspection(database.engine, url);
  return { ...connection, [Symbol.asyncDispose]: () => connection.close() };
}

describe.each(['postgres', 'mysql'] as const)('%s', (engine) => {
  const inspect = inspection(engine);
  const own = words[engine];

  test('the stack is a supported version and writes its log as it must', async () => {
    await using database = await freshDatabase(engine);
    await using connection = await admin(database);
    expect(unmet(await inspect.inspectVersion(connection))).toEqual([]);
    expect(unmet(await inspect.inspectLog(connection))).toEqual([]);
    expect(unmet(await inspect.inspectMarkCapacity(connection, 10))).toEqual([]);
  });

  test("Tandem's role may do what `tandem migrate` grants", async () => {
    await using database = await freshDatabase(engine);
    await database.query(own.peopleTable);
    await using connection = await as(database, database.url);
    const found = await inspect.inspectPrivileges(
      connection,
      [twoWay(compiled(engine, 'people'))],
      database.ledger,
    );
    expect(unmet([...found, await inspect.inspectOriginMarks(connection)])).toEqual([]);
    expect(about(found, 'privileges on people').found).toContain('may SELECT, INSERT, UPDATE, DELETE');
  });

  test('a role that lacks privileges is told which, and the repair repairs', async () => {
    await using database = await freshDatabase(engine, { migrated: false });
    await database.query(own.peopleTable);
    const role = new URL(database.url).username;
    await database.query(`GRANT SELECT ON people TO ${role}`);
    await using connection = await as(database, database.url);
    const table = twoWay(compiled(engine, 'people'));
    const before = about(await inspect.inspectPrivileges(connection, [table]), 'privileges on people');
    expect(before).toMatchObject({ met: false, severity: 'fail' });
    expect(before.found).toContain('may not INSERT, UPDATE, DELETE');
    await database.query(before.repair!);
    expect(about(await inspect.inspectPrivileges(connection, [table]), 'privileges on people').met).toBe(
      true,
    );
  });

  test('missing triggers are told, and present ones are well', async () => {
    await using database = await freshDatabase(engine);
    await database.query(own.peopleTable);
    await using connection = await admin(database);
    const table = twoWay(compiled(engine, 'people'));
    const before = await inspect.inspectTable(connection, table);
    for (const event of ['INSERT', 'UPDATE', 'DELETE'])
      expect(about(before, `${event} trigger on people`)).toMatchObject({ met: false, found: 'missing' });
    for (const event of ['insert', 'update', 'delete'])
      for (const statement of own.trigger(event)) await database.query(statement);
    for (const { repair } of unmet(await inspect.inspectTable(connection, table)))
      if (repair?.startsWith('ALTER TABLE')) await database.query(repair);
    const after = await inspect.inspectTable(connection, table);
    for (const event of ['INSERT', 'UPDATE', 'DELETE'])
      expect(about(after, `${event} trigger on people`).met).toBe(true);
  });

  test("a table outside the connector's publication is told, and the remedy puts it there", async () => {
    if (engine === 'mysql') return;
    await using database = await freshDatabase(engine);
    await database.query(own.peopleTable);
    await using connection = await admin(database);
    const look = async () =>
      about(
        await inspect.inspectTable(connection, twoWay(compiled(engine, 'people')), 'its own'),
        'publication of people',
      );
    await database.query('CREATE PUBLICATION another FOR TABLE people');
    for (let made = 0; made < 2; made++) {
      const { met, severity, remedy } = await look();
      expect({ met, severity }).toEqual({ met: false, severity: 'fail' });
      if (remedy === undefined || remedy === 'migrate') throw new Error('it has no statements');
      for (const statement of remedy.statements) await database.query(statement);
      expect((await look()).met).toBe(true);
      await database.query('ALTER PUBLICATION "its own" DROP TABLE people');
    }
  });

  test('a table that nobody captures needs no triggers', async () => {
    await using database = await freshDatabase(engine);
    await database.query(own.peopleTable);
    await using connection = await admin(database);
    const target = { table: compiled(engine, 'people'), captured: false, written: true };
    expect(unmet(await inspect.inspectTable(connection, target))).toEqual([]);
  });

  test("the connector's role is told what it lacks", async () => {
    await using database = await freshDatabase(engine);
    await database.query(own.peopleTable);
    const drop =
      engine === 'postgres' ? 'DROP ROLE IF EXISTS reader_of_test' : 'DROP USER IF EXISTS reader_of_test';
    await database.query(drop);
    await database.query(own.reader);
    try {
      await using connection = await admin(database);
      const tables = [twoWay(compiled(engine, 'people'))];
      const lacking = unmet(await inspect.inspectReader(connection, 'reader_of_test', tables));
      expect(lacking).toHaveLength(2);
      for (const { repair } of lacking) await database.query(repair!);
      expect(unmet(await inspect.inspectReader(connection, 'reader_of_test', tables))).toEqual([]);
      if (engine === 'postgres') await database.query('REVOKE ALL ON people FROM reader_of_test');
    } finally {
      await database.query(drop);
    }
  });

  test('every kind is carried by its type, and not by one that cannot hold it', async () => {
    await using database = await freshDatabase(engine);
    const kinds = columnKinds.filter((kind) => own.types[kind] !== undefined);
    const columns = kinds.map((kind) => `c_${kind} ${own.types[kind]}`);
    await database.query(`CREATE TABLE kinds (id BIGINT PRIMARY KEY, ${columns.join(', ')})`);
    const live = await database.open({ poolSize: 1 }).describe(compiled(engine, 'kinds'));
    for (const kind of kinds)
      expect({ kind, carried: inspect.carriesKind(kind, live.get(`c_${kind}`)!) }).toEqual({
        kind,
        carried: true,
      });
    const refused: [ColumnKind, ColumnKind][] = [
      ['integer', 'date'],
      ['bytes', 'date'],
      ['text', 'bytes'],
      ['date', 'timestamp'],
      ['json', 'integer'],
    ];
    for (const [kind, column] of refused)
      expect({ kind, column, carried: inspect.carriesKind(kind, live.get(`c_${column}`)!) }).toEqual({
        kind,
        column,
        carried: false,
      });
  });
});

test('PostgreSQL: a trigger that does not fire always and a thin before image are told with a repair that works', async () => {
  await using database = await freshDatabase('postgres');
  await database.query(words.postgres.peopleTable);
  for (const event of ['insert', 'update', 'delete'])
    for (const statement of words.postgres.trigger(event)) await database.query(statement);
  await using connection = await admin(database);
  const table = twoWay(compiled('postgres', 'people'));
  const { inspectTable } = inspection('postgres');
  const before = await inspectTable(connection, table);
  expect(about(before, 'UPDATE trigger on people')).toMatchObject({
    met: false,
    found: 'does not fire always',
  });
  expect(about(before, 'replica identity of people')).toMatchObject({ met: false, severity: 'fail' });
  expect(about(before, 'publication of people')).toMatchObject({ met: false, severity: 'warn' });
  for (const { repair } of unmet(before)) await database.query(repair!.split('; or')[0]!);
  expect(unmet(await inspectTable(connection, table))).toEqual([]);
});

test('PostgreSQL: a pool larger than the origins is told', async () => {
  await using database = await freshDatabase('postgres');
  await using connection = await admin(database);
  const found = await inspection('postgres').inspectMarkCapacity(connection, 100_000);
  expect(about(found, 'active replication origins')).toMatchObject({ met: false, severity: 'fail' });
  expect(about(found, 'replication origins')).toMatchObject({ met: false, repair: 'tandem migrate' });
});

test('MySQL: a role that may not tag its transactions or see triggers is told so', async () => {
  await using database = await freshDatabase('mysql');
  await database.query(words.mysql.peopleTable);
  const session = await database.appSession();
  const { inspectOriginMarks, inspectPrivileges, inspectTable } = inspection('mysql');
  const found = await inspectPrivileges(session, [], database.ledger);
  expect(await inspectOriginMarks(session)).toMatchObject({
    met: false,
    severity: 'warn',
    repair: 'tandem migrate',
  });
  expect(about(found, `privileges on ${database.ledger}.conflicts`)).toMatchObject({
    met: false,
    severity: 'fail',
  });
  expect(unmet(await inspectTable(session, twoWay(compiled('mysql', 'people'))))).toMatchObject([
    { subject: 'triggers on people', severity: 'warn' },
  ]);
});

test('MySQL: a zero date that a column would take by itself is told', async () => {
  await using database = await freshDatabase('mysql');
  await database.query("SET SESSION sql_mode = ''");
  await database.query(
    "CREATE TABLE events (id BIGINT PRIMARY KEY, day DATE NOT NULL DEFAULT '0000-00-00', at DATETIME)",
  );
  await using connection = await admin(database);
  const day = { name: 'day', kind: 'date', nullable: false } as const;
  const columns = new Map([
    ['day', day],
    ['at', { ...day, name: 'at' }],
  ]) as unknown as CompiledTable['columns'];
  const target = { table: compiled('mysql', 'events', { columns }), captured: false, written: true };
  expect(unmet(await inspection('mysql').inspectTable(connection, target))).toMatchObject([
    { subject: 'events.day', severity: 'warn' },
  ]);
});
