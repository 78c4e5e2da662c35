import { beforeEach, expect, test } from '@jest/globals';
import type { Database, IdentityKey, Transaction } from '../../../src/database/contract.ts';
import type { Bulk } from '../../../src/database/grouped/bulk.ts';
import { groupedDatabase } from '../../../src/database/grouped/grouped-database.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { MemoryDatabase } from '../../support/memory-database.ts';
import { pair } from '../../support/two-sides.ts';

const table = pair.route('parents', 'right')!.target;
const key = (sourceKey: string): IdentityKey => ({
  pipeline: 'pair',
  entity: 'parents',
  sourceSide: 'right',
  sourceKey,
  targetSide: 'left',
});
const insert = (tx: Transaction, name: string) => tx.insertRow(table, null, { name }, { clock: 1n });

let memory: MemoryDatabase;
let database: Database;
/** What the database was asked for, of everything it was asked for at once. */
let asked: string[];

/** Notes the calls of every transaction. */
const noting = (bulk: Bulk): Bulk => ({
  read: (work) => bulk.read((reader) => work(noted(reader))),
  transaction: (work) => bulk.transaction((tx) => work(noted(tx))),
});
const noted = <T extends object>(target: T): T =>
  new Proxy(target, {
    get(of, name) {
      const value = Reflect.get(of, name) as unknown;
      if (typeof value !== 'function' || name === 'undoing') return value;
      return (...args: unknown[]) => {
        asked.push(String(name));
        return (value as (...all: unknown[]) => unknown).apply(of, args);
      };
    },
  });

beforeEach(() => {
  memory = new MemoryDatabase('left', 1, {
    rules: { parents: { unique: [{ constraint: 'parents_name', columns: ['name'] }] } },
  });
  asked = [];
  database = groupedDatabase(
    Object.assign(Object.create(memory) as MemoryDatabase, { bulk: noting(memory.bulk) }),
  );
});

const bring = (name: string) =>
  database.transaction(async (tx) => {
    await tx.lockIdentity(key(name), null);
    await tx.findProcessed(name);
    const own = await insert(tx, name);
    await tx.saveIdentity(key(name), { targetKey: own });
    await tx.recordProcessed({
      eventId: name,
      pipeline: 'pair',
      entity: 'parents',
      outcome: 'applied',
      targetKey: own,
    });
    return own;
  });
const names = (count: number) => Array.from({ length: count }, (_, n) => `n${n}`);

test('what many transactions ask for is asked once, however many there are', async () => {
  const keys = await Promise.all(names(200).map(bring));
  expect(new Set(keys).size).toBe(200);
  expect(asked).toEqual([
    'lockIdentities',
    'findProcessed',
    'insertRows',
    'saveIdentities',
    'recordProcessed',
  ]);
  for (const [at, name] of names(200).entries())
    expect(memory.rows('parents').get(keys[at]!)?.values).toEqual({ name });
});

test('a row that is refused leaves the others alone', async () => {
  await bring('n3');
  const endings = await Promise.allSettled(names(8).map(bring));
  expect(endings.map(({ status }) => status === 'fulfilled')).toEqual(names(8).map((name) => name !== 'n3'));
  expect(endings[3]).toMatchObject({ reason: { errorClass: 'constraint', constraint: 'parents_name' } });
  expect([...memory.rows('parents').values()].map(({ values }) => values['name'])).toHaveLength(8);
});

test('what a transaction wrote before it failed is undone, and the others are done all the same', async () => {
  const failing = database.transaction(async (tx) => {
    await insert(tx, 'undone');
    throw new SyncError('data', 'it does not fit');
  });
  const others = names(3).map(bring);
  await expect(failing).rejects.toThrow('it does not fit');
  await Promise.all(others);
  expect([...memory.rows('parents').values()].map(({ values }) => values['name'])).toEqual(names(3));
});

test('transactions of one identity take turns, and each sees what the one before left', async () => {
  const counters = await Promise.all(
    names(3).map(() =>
      database.transaction(async (tx) => {
        const { counter } = await tx.lockIdentity(key('one'), null);
        await tx.saveIdentity(key('one'), { rowHash: String(counter) });
        return counter;
      }),
    ),
  );
  expect(counters).toEqual([0n, 1n, 2n]);
});

test('a failure of the whole befalls each', async () => {
  memory.interrupt = (method, moment) => {
    if (method === 'commit' && moment === 'before') throw new SyncError('unavailable', 'gone');
  };
  for (const ending of await Promise.allSettled(names(3).map(bring)))
    expect(ending).toMatchObject({ reason: { errorClass: 'unavailable' } });
  expect(memory.rows('parents').size).toBe(0);
});
