import { describe, expect, test } from '@jest/globals';
import type { IdentityKey, Transaction } from '../../../src/database/contract.ts';
import { at, pipeline, unmarked } from './use.ts';
import type { ContractUse } from './use.ts';

export function transactionsCases(use: ContractUse): void {
  describe('transactions', () => {
    test('what a transaction wrote is there together, or not at all', async () => {
      const [of, eventId] = [use.key(use.unique()), use.unique()];
      let own = '';
      const write = async (tx: Transaction, fails: boolean) => {
        await tx.lockIdentity(of, null);
        own = await use.addOwner(tx, {}, null);
        await tx.recordProcessed({ eventId, pipeline, entity: 'e', outcome: 'applied', targetKey: own });
        if (fails) throw new Error('the caller fails');
      };
      const state = () =>
        Promise.all([
          use.database.findIdentity(of),
          use.database.findRow(use.subject.owners, own),
          use.database.findProcessed(eventId),
        ]);
      await expect(use.database.transaction((tx) => write(tx, true))).rejects.toThrow('the caller fails');
      expect(await state()).toEqual([null, null, null]);
      await use.database.transaction((tx) => write(tx, false));
      expect(await state()).not.toContain(null);
    });

    test('a failed call dooms the transaction, even where the caller goes on', async () => {
      const code = use.unique();
      await use.insertOwner({ code });
      let own = '';
      const going = use.database.transaction(async (tx) => {
        own = await use.addOwner(tx, {}, null);
        await use.addOwner(tx, { code }, null).catch(() => {});
      });
      await expect(going).rejects.toMatchObject({ errorClass: 'constraint' });
      expect(await use.database.findRow(use.subject.owners, own)).toBeNull();
    });

    test('of two transactions that wait for each other, one is contention and the other goes on', async () => {
      const [a, b] = [use.key(use.unique()), use.key(use.unique())];
      for (const each of [a, b]) await use.database.transaction((tx) => tx.lockIdentity(each, null));
      let arrived = 0;
      let bothHold = () => {};
      const both = new Promise<void>((resolve) => (bothHold = resolve));
      const cross = (first: IdentityKey, second: IdentityKey) =>
        use.database.transaction(async (tx) => {
          await tx.lockIdentity(first, null);
          if ((arrived += 1) === 2) bothHold();
          await both;
          await tx.lockIdentity(second, null);
        });
      const ends = await Promise.allSettled([cross(a, b), cross(b, a)]);
      expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { errorClass: 'contention' },
      });
    });
  });
}

/** Transactions that begin while another one is open. */
export function nestedCases(use: ContractUse): void {
  describe('transactions at once', () => {
    test('what is not committed is seen by its own transaction alone; what is committed, by an open one at once', async () => {
      const own = await use.insertOwner({ name: 'before' });
      await use.database.transaction(async (open) => {
        await use.database.transaction(async (tx) => {
          await tx.updateRow(use.subject.owners, own, { name: 'after' }, { clock: 8n });
          expect(await tx.findRow(use.subject.owners, own)).toMatchObject({ values: { name: 'after' } });
          expect(await open.findRow(use.subject.owners, own)).toMatchObject({ values: { name: 'before' } });
        });
        expect(await open.findRow(use.subject.owners, own)).toMatchObject({ values: { name: 'after' } });
      });
    });

    test('two transactions queue up at an identity, new or known: the second sees what the first left', async () => {
      for (const row of [use.key(use.unique()), use.key(use.unique())].flatMap((each) => [each, each])) {
        const before = (await use.database.findIdentity(row))?.counter ?? 0n;
        let second: Promise<unknown> = Promise.resolve();
        await use.database.transaction(async (tx) => {
          await tx.lockIdentity(row, null);
          second = use.database.transaction((other) => other.lockIdentity(row, null));
          await tx.saveIdentity(row, { sourceTimestamp: at });
        });
        expect(await second).toMatchObject({ counter: before + 1n });
      }
    });

    test('a row under lock is waited for', async () => {
      const own = await use.insertOwner({ name: 'before' });
      let second: Promise<unknown> = Promise.resolve();
      await use.database.transaction(async (tx) => {
        await tx.lockRow(use.subject.owners, own);
        second = use.database.transaction((other) => other.lockRow(use.subject.owners, own));
        await tx.updateRow(use.subject.owners, own, { name: 'after' }, { clock: 8n });
      });
      expect(await second).toMatchObject({ values: { name: 'after' }, clock: 8n });
    });

    test('a unique value of an open transaction is waited for, and is free when that one is rolled back', async () => {
      const code = use.unique();
      let second: Promise<string> = Promise.resolve('');
      const first = use.database.transaction(async (tx) => {
        await use.addOwner(tx, { code }, null);
        second = use.insertOwner({ code });
        await tx.findProcessed('anything');
        throw new Error('rolled back');
      });
      await expect(first).rejects.toThrow('rolled back');
      expect(await use.database.findRow(use.subject.owners, await second)).toMatchObject({
        values: { code },
      });
    });

    test('a parent under lock gets no child until it is decided', async () => {
      const owner = await use.insertOwner();
      let child: Promise<unknown> = Promise.resolve();
      await use.database.transaction(async (tx) => {
        await tx.lockRow(use.subject.owners, owner);
        child = use.database
          .transaction((other) => other.insertRow(use.subject.pets, null, { owner }, unmarked))
          .catch((error: unknown) => error);
        await tx.deleteRow(use.subject.owners, owner);
      });
      expect(await child).toMatchObject({ errorClass: 'constraint', constraint: 'pets_owner' });
    });
  });
}
