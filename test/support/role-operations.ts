import { randomUUID } from 'node:crypto';
import type { IdentityKey } from '../../src/database/contract.ts';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import type { DatabaseRole, GrantScope } from '../../src/database/grants.ts';
import { inspection } from '../../src/database/inspector.ts';
import { assertLedgerCurrent } from '../../src/database/migrate.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { integer, text } from '../../src/pipeline/columns.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { compiledTable } from './tables.ts';

export interface RolePlace {
  engine: Engine;
  scope: GrantScope;
  ledger: string;
  url: (role: DatabaseRole) => string;
  connect: (role: DatabaseRole) => Promise<PlainConnection>;
  open: (role: DatabaseRole) => LedgerDatabase;
  /** Throws where it is not done, or without the means of origin marks. */
  migrateAnew: () => Promise<void>;
}

const columns = { id: integer(), name: text() };
const table = (name: string) => (engine: Engine) => compiledTable({ side: engine, engine }, name, columns);

/** Tandem reads and writes it. */
export const people = table('people');
/** Tandem reads it. */
export const shops = table('shops');

type Operation = (place: RolePlace) => Promise<unknown>;

/** On a new session: privileges of the whole server hold from the next one on. */
const onDatabase =
  (role: DatabaseRole, work: (database: LedgerDatabase, place: RolePlace) => Promise<unknown>): Operation =>
  async (place) => {
    const database = place.open(role);
    try {
      await work(database, place);
    } finally {
      await database.close();
    }
  };

const onConnection =
  (
    role: DatabaseRole,
    work: (connection: PlainConnection, place: RolePlace) => Promise<unknown>,
  ): Operation =>
  async (place) => {
    try {
      const connection = await place.connect(role);
      try {
        await work(connection, place);
      } finally {
        await connection.close();
      }
    } catch (error) {
      const database = place.open(role);
      const classified = database.classify(error);
      await database.close();
      throw classified;
    }
  };

const identity: IdentityKey = {
  pipeline: 'roles',
  entity: 'people',
  sourceSide: 'there',
  sourceKey: '1',
  targetSide: 'here',
};
const scope = { pipeline: 'roles', entity: 'people' };
const longAgo = new Date(0);
const local = { ...scope, side: 'here', before: longAgo };

/** Throws where the log is not to be looked at. */
const looksAtLog = (role: DatabaseRole): Operation =>
  onConnection(role, async (connection, { engine }) => {
    const { state, found } = await inspection(engine).inspectRetention(connection, {
      config: null,
      offset: { file: 'binlog.000001', pos: 4 },
    });
    if (state === 'unknown' && /may not|privilege/.test(found)) throw new SyncError('unavailable', found);
  });

const sync: Record<string, Operation> = {
  'sees the version of the ledger': onDatabase('sync', assertLedgerCurrent),
  'marks its writes': onDatabase('sync', async (database) => {
    if (!(await database.capabilities()).originMarks)
      throw new SyncError('unavailable', 'it may not mark its writes');
  }),
  'looks at the log': looksAtLog('sync'),
  'writes rows': onDatabase('sync', (database, { engine }) =>
    database.transaction(async (tx) => {
      const add = (key: string | null) => tx.insertRow(people(engine), key, { name: 'a' }, { clock: 1n });
      // A given key is not handed out again and no other is lost, be it near to the last or far.
      const first = await add(null);
      const written = [first];
      for (const distance of [1, 5000]) {
        const given = await add(String(Number(written.at(-1)) + distance));
        const next = await add(null);
        written.push(given, next);
        if (Number(next) !== Number(given) + 1)
          throw new SyncError('bug', `privilege on the sequence: ${next} follows ${given}`);
      }
      await tx.lockRow(people(engine), first);
      await tx.updateRow(people(engine), first, { name: 'b' }, { clock: 2n });
      for (const key of written) await tx.deleteRow(people(engine), key);
    }),
  ),
  'reads rows': onDatabase('sync', async (database, { engine }) => {
    await database.findRow(people(engine), '1');
    await database.findRow(shops(engine), '1');
  }),
  'keeps identities': onDatabase('sync', async (database) => {
    await database.transaction(async (tx) => {
      await tx.lockIdentity(identity, null);
      await tx.saveIdentity(identity, { rowHash: 'x' });
    });
    const found = await database.findIdentity(identity);
    await database.retention.forgetIdentity(identity, found!.counter);
  }),
  'keeps outcomes': onDatabase('sync', async (database) => {
    const eventId = randomUUID();
    await database.transaction((tx) =>
      tx.recordProcessed({ ...scope, eventId, outcome: 'applied', targetKey: null }),
    );
    await database.findProcessed(eventId);
    await database.retention.forgetEvents([eventId]);
  }),
  'records conflicts': onDatabase('sync', async (database) => {
    const side = { version: { clock: 1n, side: 'there' }, row: null };
    await database.transaction((tx) =>
      tx.recordConflict({
        ...scope,
        eventId: randomUUID(),
        targetSide: 'here',
        targetKey: null,
        type: 'insert_exists',
        verdict: 'kept',
        incoming: side,
        existing: side,
      }),
    );
    await database.findConflicts({ pipeline: 'roles', targetSide: 'here', limit: 1 });
  }),
  'claims rows': onDatabase('sync', async (database) => {
    const fixedKey = randomUUID();
    await database.transaction(async (tx) => {
      await tx.insertClaim(scope, { fixedKey, otherKey: null });
      await tx.lockClaim(scope, { fixedKey });
      await tx.updateClaim(scope, fixedKey, { fixedKey, otherKey: fixedKey });
    });
  }),
  'keeps those who wait': onDatabase('sync', async (database) => {
    const eventId = randomUUID();
    const awaits = { entity: 'people', side: 'there', key: '2', counter: '-1' };
    await database.enterWaitingRoom({ eventId, row: identity, awaits, ownCounter: '-1' });
    await database.takeWoken({ pipeline: 'roles', outstanding: 10 });
    await database.forgetWaiting([eventId]);
  }),
  'looks for local deletes and forgets old ones': onDatabase('sync', async (database) => {
    await database.findLocalTombstone({ ...scope, side: 'here', key: '1' });
    await database.retention.forgetLocalTombstones({ ...local, keys: ['1'] });
  }),
};

const selects = (role: DatabaseRole): Operation =>
  onConnection(role, async (connection, { scope: { tables } }) => {
    for (const { table: each } of tables)
      await connection.query(
        `SELECT count(*) FROM ${[each.schema, each.name].filter((part) => part !== null).join('.')}`,
      );
  });

/** What a connector asks for. */
const capture: Record<string, Operation> = {
  'takes a snapshot': selects('capture'),
  'locks while it notes its position': onConnection('capture', async (connection, { engine }) => {
    if (engine === 'postgres') return;
    await connection.query('FLUSH TABLES WITH READ LOCK');
    await connection.query('SHOW BINARY LOG STATUS');
    await connection.query('UNLOCK TABLES');
  }),
  'reads the log': onConnection('capture', async (connection, { engine }) => {
    if (engine === 'mysql') await connection.query('SHOW BINLOG EVENTS LIMIT 1');
    else
      await connection.query(
        `SELECT pg_create_logical_replication_slot('roles_of_test', 'pgoutput', temporary => true)`,
      );
  }),
};

/** The ledger's function that spares given keys belongs to whoever migrated. */
const migration: Record<string, Operation> = {
  'makes the ledger, by which rows are written': async (place) => {
    await place.migrateAnew();
    await sync['writes rows']!(place);
  },
};

const operator: Record<string, Operation> = {
  'looks at rows': selects('operator'),
  'looks at the log': looksAtLog('operator'),
  'looks at conflicts': onDatabase('operator', (database) =>
    database.findConflicts({ pipeline: 'roles', targetSide: 'here', limit: 1 }),
  ),
};

export const operationsOf: Record<DatabaseRole, Record<string, Operation>> = {
  sync,
  capture,
  migration,
  operator,
};

/** Statements that change a schema, each of which the role of `tandem` must be refused. */
export const ddlOf: Record<Engine, (place: RolePlace) => string[]> = {
  postgres: ({ ledger }) => [
    ...schemaChanges(ledger),
    'CREATE SCHEMA more',
    'CREATE TEMPORARY TABLE passing (id bigint)',
    'CREATE FUNCTION more() RETURNS int LANGUAGE sql AS $$SELECT 1$$',
    `DROP SCHEMA ${ledger} CASCADE`,
    'CREATE ROLE more',
    'CREATE PUBLICATION more FOR TABLE people',
    'ALTER SYSTEM SET work_mem = 1024',
  ],
  mysql: ({ ledger }) => [
    ...schemaChanges(ledger),
    'CREATE DATABASE more',
    'CREATE TRIGGER more BEFORE INSERT ON people FOR EACH ROW SET @more = 1',
    `DROP DATABASE ${ledger}`,
    'CREATE USER more',
    'SET GLOBAL max_connections = 5',
    'PURGE BINARY LOGS BEFORE NOW()',
  ],
};

const schemaChanges = (ledger: string): string[] => [
  'CREATE TABLE more (id int)',
  `CREATE TABLE ${ledger}.more (id int)`,
  'CREATE VIEW more AS SELECT 1 AS one',
  'CREATE INDEX more ON people (name)',
  'ALTER TABLE people ADD COLUMN more int',
  'TRUNCATE TABLE people',
  'DROP TABLE people',
  `ALTER TABLE ${ledger}.conflicts ADD COLUMN more int`,
  `DROP TABLE ${ledger}.conflicts`,
];
