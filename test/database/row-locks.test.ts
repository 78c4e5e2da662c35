import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IdentityKey } from '../../src/database/contract.ts';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import { integer, text } from '../../src/pipeline/columns.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import type { CompiledTable } from '../../src/pipeline/route.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';
import { eventually } from '../support/eventually.ts';
import { compiledTable } from '../support/tables.ts';

interface Ways {
  tables: readonly string[];
  /** Sessions of this database that wait for a row lock. */
  waiting: string;
  refusal: string;
}

const ways: Record<Engine, Ways> = {
  postgres: {
    tables: [
      'CREATE TABLE parents (id bigint PRIMARY KEY, name text)',
      'CREATE TABLE children (id bigint PRIMARY KEY, parent bigint REFERENCES parents ON DELETE CASCADE)',
    ],
    waiting: `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'`,
    refusal: '23503',
  },
  mysql: {
    tables: [
      'CREATE TABLE parents (id BIGINT PRIMARY KEY, name TEXT)',
      `CREATE TABLE children (id BIGINT PRIMARY KEY, parent BIGINT,
        FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE)`,
    ],
    waiting: `SELECT processlist_id FROM performance_schema.data_lock_waits
      JOIN performance_schema.threads ON thread_id = requesting_thread_id WHERE processlist_db = ?`,
    refusal: 'ER_NO_REFERENCED_ROW_2',
  },
};

describe.each(Object.keys(ways) as Engine[])('row locks on %s', (engine) => {
  const way = ways[engine];
  const unmarked = { clock: null };
  let fresh: TestDatabase;
  let database: LedgerDatabase;
  let parents: CompiledTable;
  let children: CompiledTable;

  beforeAll(async () => {
    fresh = await freshDatabase(engine);
    database = fresh.open({ poolSize: 6 });
    for (const statement of way.tables) await fresh.query(statement);
    const bare = { clock: null, sourceColumn: null };
    parents = compiledTable(fresh, 'parents', { id: integer(), name: text().nullable() }, bare);
    children = compiledTable(fresh, 'children', { id: integer(), parent: integer().nullable() }, bare);
    for (let id = 1; id <= 20; id += 1) await fresh.query(`INSERT INTO parents VALUES (${id}, 'n')`);
  });
  afterAll(async () => fresh[Symbol.asyncDispose]());

  const key = (sourceKey: string): IdentityKey => ({
    pipeline: 'p',
    entity: 'e',
    sourceSide: 'far',
    sourceKey,
    targetSide: 'near',
  });
  const someoneWaits = () =>
    eventually('a session to wait for a lock', async () => (await fresh.query(way.waiting, [fresh.name]))[0]);
  const reference = () => ({ entity: 'children', table: children, column: 'parent' });

  test('a lock is on one row: others are free, new ones too', async () => {
    for (const each of ['1', '2', '3']) await database.transaction((tx) => tx.lockIdentity(key(each), null));
    await database.transaction(async (holder) => {
      await holder.lockIdentity(key('2'), null);
      await holder.lockRow(parents, '2');
      await database.transaction(async (tx) => {
        await tx.lockIdentity(key('1'), null);
        await tx.lockIdentity(key('3'), null);
        await tx.lockIdentity(key('25'), 'a new one');
        await tx.saveIdentity(key('3'), { targetKey: '9', sourceTimestamp: '2026-01-08T10:00:00Z' });
        await tx.lockRow(parents, '1');
        await tx.lockRow(parents, '3');
        await tx.updateRow(parents, '3', { name: 'm' }, unmarked);
        await tx.insertRow(parents, '103', { name: 'new' }, unmarked);
        await tx.deleteRow(parents, '4');
      });
    });
  });

  test('a child in an open transaction is waited for, then seen, whatever ON DELETE says', async () => {
    const app = await fresh.appSession();
    await app.query('BEGIN');
    await app.query('INSERT INTO children VALUES (1, 5)');
    const looking = database.transaction(async (tx) => {
      await tx.lockRow(parents, '5');
      return tx.findReferrer([reference()], '5');
    });
    await someoneWaits();
    await app.query('COMMIT');
    expect(await looking).toMatchObject({ entity: 'children' });
  });

  test('no child can come once the parent is locked', async () => {
    const app = await fresh.appSession();
    let adding: Promise<unknown> = Promise.resolve();
    await database.transaction(async (tx) => {
      await tx.lockRow(parents, '6');
      adding = app.query('INSERT INTO children VALUES (2, 6)').catch((error: unknown) => error);
      await someoneWaits();
      expect(await tx.findReferrer([reference()], '6')).toBeNull();
      await tx.deleteRow(parents, '6');
    });
    expect(await adding).toMatchObject({ code: way.refusal });
    expect(await fresh.query('SELECT id FROM children WHERE parent = 6')).toEqual([]);
  });

  test("an app's uncommitted edit is waited for and seen", async () => {
    const app = await fresh.appSession();
    await app.query('BEGIN');
    await app.query("UPDATE parents SET name = 'edited' WHERE id = 7");
    const reading = database.transaction((tx) => tx.lockRow(parents, '7'));
    await someoneWaits();
    await app.query('COMMIT');
    expect(await reading).toMatchObject({ values: { name: 'edited' } });
  });
});
