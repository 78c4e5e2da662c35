import type { Database, Reader, Transaction } from '../../../src/database/contract.ts';
import type { Bulk, BulkReader, BulkTransaction } from '../../../src/database/grouped/bulk.ts';
import type { MemoryTransaction } from './transaction.ts';

/** Many at once, one after the other: what the grouped database makes of it is what is looked at. */
export function memoryBulk(database: Database): Bulk {
  return {
    read: (work) => work(bulkReader(database)),
    transaction: (work) => database.transaction((tx) => work(bulkTransaction(tx as MemoryTransaction))),
  };
}

const bulkReader = (reader: Reader): BulkReader => ({
  findIdentities: (keys) => inTurn(keys, (key) => reader.findIdentity(key)),
  findIdentitiesByTarget: (of) => inTurn(of, (each) => reader.findIdentityByTarget(each)),
  findClaims: (of, keys) => inTurn(keys, (key) => reader.findClaim(of, key)),
  findProcessed: (ids) => inTurn(ids, (id) => reader.findProcessed(id)),
  findLocalTombstones: (of) => inTurn(of, (each) => reader.findLocalTombstone(each)),
  findRows: (table, keys) => inTurn(keys, (key) => reader.findRow(table, key)),
});

function bulkTransaction(tx: MemoryTransaction): BulkTransaction {
  const single: Transaction = tx;
  return {
    ...bulkReader(tx),
    single,
    async undoing(work) {
      const undo = tx.savepoint();
      try {
        return await work();
      } catch (error) {
        undo();
        throw error;
      }
    },
    lockIdentities: (calls) =>
      inTurn(calls, ({ key, targetKeyIfNew }) => single.lockIdentity(key, targetKeyIfNew)),
    lockKnownIdentities: (keys) => inTurn(keys, (key) => tx.lockKnownIdentity(key)),
    makeIdentities: (saves) =>
      inTurn(saves, async ({ locked, change }) => {
        await tx.makeIdentity(locked);
        await single.saveIdentity(locked, change);
        return (await single.findIdentity(locked))!;
      }),
    async saveIdentities(saves) {
      return inTurn(saves, async ({ locked, change }) => {
        await single.saveIdentity(locked, change);
        return (await single.findIdentity(locked))!;
      });
    },
    lockClaims: (of, keys) => inTurn(keys, (key) => single.lockClaim(of, key)),
    insertClaims: async (of, claims) => void (await inTurn(claims, (claim) => single.insertClaim(of, claim))),
    lockRows: (table, keys) => inTurn(keys, (key) => single.lockRow(table, key)),
    insertRows: (table, rows) =>
      inTurn(rows, ({ key, values, marks }) => single.insertRow(table, key, values, marks)),
    updateRows: async (table, rows) =>
      void (await inTurn(rows, ({ key, values, marks }) => single.updateRow(table, key, values, marks))),
    recordProcessed: async (events) => void (await inTurn(events, (event) => single.recordProcessed(event))),
    recordConflicts: async (all) => void (await inTurn(all, (each) => single.recordConflict(each))),
  };
}

async function inTurn<A, R>(items: readonly A[], work: (item: A) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
