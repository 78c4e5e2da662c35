import { describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { connect } from '../../src/database/postgres/connect.ts';
import { migrateLedger } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import type { IdentityKey } from '../../src/database/contract.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { integer } from '../../src/pipeline/columns.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';
import { compiledTable } from '../support/tables.ts';

const things = (fresh: TestDatabase) =>
  compiledTable(fresh, 'things', { id: integer() }, { clock: null, sourceColumn: null });

/** Runs writes one by one and says whether the log shows them as Tandem's. */
type Watch = (fresh: TestDatabase) => Promise<(write: () => Promise<unknown>) => Promise<boolean>>;

const watches: Record<Engine, Watch> = {
  // The log itself: a decoding slot shows a change only when its writer had no origin.
  async postgres(fresh) {
    const slot = fresh.name;
    await fresh.query(`SELECT pg_create_logical_replication_slot($1, 'test_decoding')`, [slot]);
    return async (write) => {
      await fresh.query(`SELECT pg_logical_slot_get_changes($1, NULL, NULL)`, [slot]);
      await write();
      const [all] = await fresh.query(
        `SELECT count(*) AS n FROM pg_logical_slot_peek_changes($1, NULL, NULL) WHERE data LIKE '%things%'`,
        [slot],
      );
      expect(all!['n']).not.toBe('0');
      const [unmarked] = await fresh.query(
        `SELECT count(*) AS n FROM pg_logical_slot_get_changes($1, NULL, NULL, 'only-local', 'on') WHERE data LIKE '%things%'`,
        [slot],
      );
      return unmarked!['n'] === '0';
    };
  },
  // The binary log: the GTID of Tandem's transactions carries the tag, `uuid:tandem:n`.
  async mysql(fresh) {
    return async (write) => {
      const [at] = await fresh.query('SHOW BINARY LOG STATUS');
      await write();
      const events = await fresh.query(
        `SHOW BINLOG EVENTS IN '${String(at!['File'])}' FROM ${String(at!['Position'])}`,
      );
      const texts = events.map((event) => String(event['Info']));
      const table = texts.findIndex((text) => text.includes(`(${fresh.name}.things)`));
      const gtid = texts.slice(0, table).findLast((text) => text.includes('GTID_NEXT'));
      if (gtid === undefined) throw new Error('the write is not in the binary log');
      return gtid.includes(':tandem:');
    };
  },
};

describe.each(Object.keys(watches) as Engine[])('origin marks on %s', (engine) => {
  test("the log tells Tandem's transactions from an app's", async () => {
    await using fresh = await freshDatabase(engine);
    await fresh.query('CREATE TABLE things (id int PRIMARY KEY)');
    const database = fresh.open();
    expect(await database.capabilities()).toEqual({ originMarks: true });
    const app = await fresh.appSession();
    const marked = await watches[engine](fresh);
    const tandem = (id: string) =>
      database.transaction((tx) => tx.insertRow(things(fresh), id, {}, { clock: null }));
    expect(await marked(() => tandem('1'))).toBe(true);
    expect(await marked(() => app.query('INSERT INTO things VALUES (2)'))).toBe(false);
    expect(await marked(() => database.transaction((tx) => tx.deleteRow(things(fresh), '1')))).toBe(true);
    // The mark outlives a rolled-back transaction.
    await database
      .transaction(async (tx) => {
        await tx.insertRow(things(fresh), '5', {}, { clock: null });
        throw new Error('back');
      })
      .catch(() => {});
    expect(await marked(() => tandem('3'))).toBe(true);
  });

  test('two pools lease their marks at once and work side by side', async () => {
    await using fresh = await freshDatabase(engine);
    const pools = [fresh.open({ poolSize: 10 }), fresh.open({ poolSize: 10 })];
    const key: IdentityKey = { pipeline: 'p', entity: 'e', sourceSide: 'a', sourceKey: '1', targetSide: 'b' };
    const marks = await Promise.all(
      pools.flatMap((pool) =>
        Array.from({ length: 10 }, async (_, index) => {
          await pool.transaction((tx) => tx.lockIdentity({ ...key, sourceKey: String(index) }, null));
          return (await pool.capabilities()).originMarks;
        }),
      ),
    );
    expect(new Set(marks)).toEqual(new Set([true]));
  });
});

describe('origin marks on postgres alone', () => {
  test('each connection holds an origin of its own and gives it back with the connection', async () => {
    await using fresh = await freshDatabase('postgres');
    const { username } = new URL(fresh.url);
    await fresh.query(`GRANT EXECUTE ON FUNCTION pg_replication_origin_session_is_setup() TO ${username}`);
    const pool = connect({ engine: 'postgres', side: 'legacy', url: fresh.url, poolSize: 5 });
    const sessions = await Promise.all(Array.from({ length: 5 }, () => pool.acquire()));
    for (const session of sessions) {
      const { rows } = await session.query(sql`SELECT pg_replication_origin_session_is_setup() AS is_set_up`);
      expect(rows).toEqual([{ is_set_up: true }]);
      expect(session.marked).toBe(true);
    }
    const ids = await Promise.all(
      sessions.map(
        async (session) => (await session.query(sql`SELECT pg_backend_pid() AS id`)).rows[0]!['id'],
      ),
    );
    const [active] = await fresh.query('SELECT count(*) AS n FROM pg_stat_activity WHERE pid = ANY ($1)', [
      ids,
    ]);
    expect(active!['n']).toBe('5');
    for (const session of sessions) session.release();
    await pool.close();
  });

  test('a role without the right works unmarked', async () => {
    await using fresh = await freshDatabase('postgres');
    await fresh.query('REVOKE EXECUTE ON FUNCTION pg_replication_origin_session_setup FROM sync_service');
    const database = fresh.open();
    expect(await database.capabilities()).toEqual({ originMarks: false });
    await database.ping();
  });
});

test.each(['postgres', 'mysql'] as const)(
  'where marks are switched off none is taken on %s',
  async (engine) => {
    await using fresh = await freshDatabase(engine);
    const { side, url, ledger } = fresh;
    const database = openDatabase({ engine, side, url, ledger, poolSize: 2, originMarks: false });
    try {
      expect(await database.capabilities()).toEqual({ originMarks: false });
    } finally {
      await database.close();
    }
  },
);

test('a role without the privileges works unmarked on mysql', async () => {
  await using fresh = await freshDatabase('mysql');
  const role = `role_${fresh.name}`;
  const url = Object.assign(new URL(fresh.url), { username: role, password: 'secret' }).href;
  await migrateLedger({ ...fresh, url });
  await fresh.admit(role);
  try {
    await fresh.query(`REVOKE TRANSACTION_GTID_TAG, REPLICATION_APPLIER ON *.* FROM ${role}`);
    const database = fresh.open({ url });
    expect(await database.capabilities()).toEqual({ originMarks: false });
    await database.ping();
  } finally {
    await fresh.query(`DROP USER ${role}`);
  }
});
