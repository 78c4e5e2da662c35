import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import type { SyncError } from '../../src/errors/sync-error.ts';
import type { IdentityKey } from '../../src/database/contract.ts';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import { connect as connectMysql } from '../../src/database/mysql/connect.ts';
import { connect as connectPostgres } from '../../src/database/postgres/connect.ts';
import type { SessionPool } from '../../src/database/session.ts';
import type { ConnectionOptions } from '../../src/database/connection.ts';
import { integer, text } from '../../src/pipeline/columns.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import type { CompiledTable } from '../../src/pipeline/route.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';
import { eventually } from '../support/eventually.ts';
import { gate } from '../support/gate.ts';
import type { Gate } from '../support/gate.ts';
import { compiledTable } from '../support/tables.ts';

interface Ways {
  connect(options: ConnectionOptions): SessionPool;
  settings: string;
  /** The session's own id. */
  connection: string;
  /** The sessions of Tandem's role in this database: id of each. */
  sessions: string;
  kill(id: unknown): string;
  /** Makes something Tandem's role may not read. */
  close: string;
  closed: string;
}

const ways: Record<Engine, Ways> = {
  postgres: {
    connect: connectPostgres,
    connection: 'SELECT pg_backend_pid() AS id',
    settings: `SELECT current_setting('timezone') AS zone, current_setting('transaction_isolation') AS isolation,
      current_setting('lock_timeout') AS lock_wait`,
    sessions: `SELECT pid AS id FROM pg_stat_activity WHERE datname = $1 AND usename = 'sync_service'`,
    kill: (id) => `SELECT pg_terminate_backend(${String(id)})`,
    close: 'CREATE TABLE closed (id int); REVOKE ALL ON closed FROM sync_service',
    closed: 'SELECT 1 FROM closed',
  },
  mysql: {
    connect: connectMysql,
    connection: 'SELECT connection_id() AS id',
    settings: `SELECT @@session.time_zone AS zone, @@session.transaction_isolation AS isolation,
      @@session.innodb_lock_wait_timeout AS lock_wait`,
    sessions: `SELECT id AS id FROM information_schema.processlist WHERE db = ? AND user = 'sync_service'`,
    kill: (id) => `KILL ${String(id)}`,
    close: 'SELECT 1',
    closed: 'SELECT 1 FROM mysql.user',
  },
};

const expectedSettings: Record<Engine, object> = {
  postgres: { zone: 'UTC', isolation: 'read committed', lock_wait: '5s' },
  mysql: { zone: '+00:00', isolation: 'READ-COMMITTED' },
};

describe.each(Object.keys(ways) as Engine[])('sessions on %s', (engine) => {
  const way = ways[engine];
  let fresh: TestDatabase;
  let database: LedgerDatabase;
  let things: CompiledTable;

  beforeAll(async () => {
    fresh = await freshDatabase(engine);
    database = fresh.open();
    await fresh.query('CREATE TABLE things (id int PRIMARY KEY, name varchar(200))');
    things = compiledTable(
      fresh,
      'things',
      { id: integer(), name: text() },
      { clock: null, sourceColumn: null },
    );
  });
  afterAll(async () => fresh[Symbol.asyncDispose]());

  const key: IdentityKey = {
    pipeline: 'p',
    entity: 'e',
    sourceSide: 'far',
    sourceKey: 'hot',
    targetSide: 'near',
  };
  const insert = (id: string) =>
    database.transaction((tx) => tx.insertRow(things, id, { name: 'n' }, { clock: null }));
  const exists = async (id: string) => (await database.findRow(things, id)) !== null;

  test('every session is UTC, READ COMMITTED, strict, and waits a short time for locks', async () => {
    const pool = way.connect({ engine, side: fresh.side, url: fresh.url, poolSize: 1 });
    try {
      const session = await pool.acquire();
      const { rows } = await session.query(sql([way.settings]));
      expect(rows[0]).toMatchObject(expectedSettings[engine]);
      await expect(
        session.query(sql`INSERT INTO things (id, name) VALUES (9, repeat('x', 300))`),
      ).rejects.toMatchObject({ errorClass: 'data' });
      session.release();
    } finally {
      await pool.close();
    }
  });

  test.each([
    [0, false],
    [60_000, true],
  ])('a connection is replaced once its time is over: %d ms', async (lifetimeMs, isSame) => {
    const pool = way.connect({ engine, side: fresh.side, url: fresh.url, poolSize: 1, lifetimeMs });
    const connection = async () => {
      const session = await pool.acquire();
      const { rows } = await session.query(sql([way.connection]));
      session.release();
      return rows[0]!['id'];
    };
    try {
      expect((await connection()) === (await connection())).toBe(isSame);
    } finally {
      await pool.close();
    }
  });

  test('24 connections queue up on one new and then hot row without one deadlock', async () => {
    const crowd = fresh.open({ poolSize: 24 });
    const seen: bigint[] = [];
    const worker = async () => {
      for (let turn = 0; turn < 5; turn += 1)
        await crowd.transaction(async (tx) => {
          const { counter } = await tx.lockIdentity(key, null);
          seen.push(counter);
          await tx.saveIdentity(key, { sourceTimestamp: '2026-01-08T10:00:00Z' });
        });
    };
    await Promise.all(Array.from({ length: 24 }, worker));
    const everyOne = Array.from({ length: 120 }, (_, index) => BigInt(index));
    expect(seen.toSorted((a, b) => Number(a - b))).toEqual(everyOne);
    expect(await database.findIdentity(key)).toMatchObject({ counter: 120n });
  });

  test('no lock is contention and no free connection unavailable, after seconds; neither is lost', async () => {
    await insert('20');
    const pair = fresh.open({ poolSize: 2 });
    const lock = () => pair.transaction((tx) => tx.lockRow(things, '20'));
    const [held, release] = [gate(), gate()];
    const holder = pair.transaction(async (tx) => {
      await tx.lockRow(things, '20');
      held.open();
      await release.opened;
    });
    await held.opened;
    const waiting = await Promise.allSettled([lock(), pair.ping()]);
    const classes = waiting.map((result) => result.status === 'rejected' && result.reason);
    expect(classes).toEqual([
      expect.objectContaining({ errorClass: 'contention' }),
      expect.objectContaining({ errorClass: 'unavailable' }),
    ]);
    release.open();
    await holder;
    expect(await Promise.all([lock(), lock()])).not.toContain(null);
  });

  test('what was committed meanwhile is seen', async () => {
    await database.transaction(async (tx) => {
      expect(await tx.findRow(things, '30')).toBeNull();
      await insert('30');
      expect(await tx.findRow(things, '30')).not.toBeNull();
    });
  });

  test('an error of the work rolls everything back and is thrown as it is', async () => {
    const mine = new Error('mine');
    const failing = database.transaction(async (tx) => {
      await tx.insertRow(things, '40', { name: 'n' }, { clock: null });
      throw mine;
    });
    await expect(failing).rejects.toBe(mine);
    expect(await exists('40')).toBe(false);
  });

  test('a statement that failed dooms the transaction, even when the work goes on', async () => {
    await insert('50');
    const going = database.transaction(async (tx) => {
      await tx.insertRow(things, '51', { name: 'n' }, { clock: null });
      await tx.insertRow(things, '50', { name: 'n' }, { clock: null }).catch(() => {});
      await tx.insertRow(things, '52', { name: 'n' }, { clock: null }).catch(() => {});
    });
    await expect(going).rejects.toMatchObject({ errorClass: 'constraint' });
    expect(await Promise.all(['51', '52'].map(exists))).toEqual([false, false]);
  });

  test('a deadlock is contention and leaves nothing half done', async () => {
    await insert('60');
    await insert('61');
    const first = gate();
    const second = gate();
    const cross = (mine: string, other: string, own: Gate, awaited: Promise<void>) =>
      database.transaction(async (tx) => {
        await tx.updateRow(things, mine, { name: `by ${mine}` }, { clock: null });
        own.open();
        await awaited;
        await tx.updateRow(things, other, { name: `by ${mine}` }, { clock: null });
      });
    const results = await Promise.allSettled([
      cross('60', '61', first, second.opened),
      cross('61', '60', second, first.opened),
    ]);
    const failed = results.filter((result) => result.status === 'rejected');
    expect(failed.map(({ reason }) => (reason as SyncError).errorClass)).toEqual(['contention']);
    const names = [await database.findRow(things, '60'), await database.findRow(things, '61')].map(
      (row) => row?.values['name'],
    );
    expect(names[0]).toBe(names[1]);
  });

  test('a connection killed in the middle is unavailable, loses nothing it had not committed, and the pool goes on', async () => {
    const alone = fresh.open({ poolSize: 1 });
    await alone.ping();
    const before = await fresh.query(way.sessions, [fresh.name]);
    const failing = alone.transaction(async (tx) => {
      await tx.insertRow(things, '70', { name: 'n' }, { clock: null });
      for (const { id } of before) await fresh.query(way.kill(id)).catch(() => {});
      await tx.insertRow(things, '71', { name: 'n' }, { clock: null });
    });
    await expect(failing).rejects.toMatchObject({ errorClass: 'unavailable' });
    await eventually('a new connection', async () => {
      await alone.ping();
      return true;
    });
    expect(await Promise.all(['70', '71'].map(exists))).toEqual([false, false]);
    await alone.transaction((tx) => tx.insertRow(things, '70', { name: 'n' }, { clock: null }));
    expect(await exists('70')).toBe(true);
  });

  test('idle connections that the server closed are replaced', async () => {
    const pair = fresh.open({ poolSize: 2 });
    await Promise.all([pair.ping(), pair.ping()]);
    for (const { id } of await fresh.query(way.sessions, [fresh.name]))
      await fresh.query(way.kill(id)).catch(() => {});
    await eventually('the pool to recover', async () => {
      await Promise.all([pair.ping(), pair.ping()]);
      return true;
    });
  });

  test('a server that is not there is unavailable', async () => {
    const url = new URL(fresh.url);
    url.port = '1';
    const pool = way.connect({ engine, side: fresh.side, url: url.href, poolSize: 1 });
    await expect(pool.acquire()).rejects.toMatchObject({ errorClass: 'unavailable', code: 'ECONNREFUSED' });
    await pool.close();
  });

  test('a wrong password is unavailable', async () => {
    const url = new URL(fresh.url);
    url.password = 'wrong';
    const pool = way.connect({ engine, side: fresh.side, url: url.href, poolSize: 1 });
    await expect(pool.acquire()).rejects.toMatchObject({ errorClass: 'unavailable' });
    await pool.close();
  });

  test('a missing privilege is unavailable, and its connection is not used again', async () => {
    await fresh.query(way.close);
    const pool = way.connect({ engine, side: fresh.side, url: fresh.url, poolSize: 1 });
    const session = await pool.acquire();
    await expect(session.query(sql([way.closed]))).rejects.toMatchObject({ errorClass: 'unavailable' });
    expect(session.inDoubt).toBe(true);
    session.release();
    await pool.close();
  });
});

describe('postgres alone', () => {
  test('a deferred foreign key answers at commit', async () => {
    await using fresh = await freshDatabase('postgres');
    const database = fresh.open();
    await fresh.query('CREATE TABLE elders (id int PRIMARY KEY)');
    await fresh.query(
      'CREATE TABLE minors (id int PRIMARY KEY, elder int CONSTRAINT minors_elder REFERENCES elders DEFERRABLE INITIALLY DEFERRED)',
    );
    const bare = { clock: null, sourceColumn: null };
    const elders = compiledTable(fresh, 'elders', { id: integer() }, bare);
    const minors = compiledTable(fresh, 'minors', { id: integer(), elder: integer() }, bare);
    const early = database.transaction((tx) => tx.insertRow(minors, '1', { elder: '1' }, { clock: null }));
    await expect(early).rejects.toMatchObject({ errorClass: 'constraint', constraint: 'minors_elder' });
    await database.transaction(async (tx) => {
      await tx.insertRow(elders, '1', {}, { clock: null });
      await tx.insertRow(minors, '1', { elder: '1' }, { clock: null });
    });
    await expect(database.transaction((tx) => tx.deleteRow(elders, '1'))).rejects.toMatchObject({
      errorClass: 'waiting_for_row',
    });
  });
});
