import { describe, expect, test } from '@jest/globals';
import type { Row } from '../../../src/change/value.ts';
import type { KeyRange, Transaction } from '../../../src/database/contract.ts';
import { unmarked } from './use.ts';
import type { ContractUse } from './use.ts';

export function rowsCases(use: ContractUse): void {
  describe('rows', () => {
    test('a row is read as written, whole, with its key, its clock and no column that is not declared', async () => {
      const code = use.unique();
      const own = await use.insertOwner({ name: 'Ada', code });
      await use.subject.setNote(own, 'the app’s');
      const row = { values: { id: own, name: 'Ada', code }, clock: 5n };
      expect(await use.database.findRow(use.subject.owners, own)).toEqual(row);
      expect(await use.database.transaction((tx) => tx.lockRow(use.subject.owners, own))).toEqual(row);
      expect(await use.database.findRow(use.subject.owners, '123456789')).toBeNull();
      expect(await use.database.transaction((tx) => tx.lockRow(use.subject.owners, '123456789'))).toBeNull();
    });

    test('an update writes the columns given and the clock, nothing else', async () => {
      const code = use.unique();
      const own = await use.insertOwner({ name: 'Ada', code });
      await use.subject.setNote(own, 'kept');
      await use.database.transaction((tx) =>
        tx.updateRow(use.subject.owners, own, { name: 'Bo' }, { clock: 7n }),
      );
      expect(await use.database.findRow(use.subject.owners, own)).toEqual({
        values: { id: own, name: 'Bo', code },
        clock: 7n,
      });
      expect(await use.subject.readNote(own)).toBe('kept');
      await use.database.transaction((tx) => tx.updateRow(use.subject.owners, own, {}, { clock: 9n }));
      await use.database.transaction((tx) => tx.updateRow(use.subject.owners, own, { name: 'Cy' }, unmarked));
      expect(await use.database.findRow(use.subject.owners, own)).toMatchObject({
        values: { name: 'Cy' },
        clock: 9n,
      });
    });

    test('a table without a clock reads null', async () => {
      const owner = await use.insertOwner();
      const pet = await use.database.transaction((tx) =>
        tx.insertRow(use.subject.pets, null, { owner }, { clock: 3n }),
      );
      expect(await use.database.findRow(use.subject.pets, pet)).toEqual({
        values: { id: pet, owner },
        clock: null,
      });
    });

    test('a key that was given is kept, and never handed out again', async () => {
      const generated = BigInt(await use.insertOwner());
      const given = String(generated + 10n);
      expect(await use.insertOwner({}, given)).toBe(given);
      expect(BigInt(await use.insertOwner())).toBeGreaterThan(BigInt(given));
      await expect(use.insertOwner({}, given)).rejects.toMatchObject({ errorClass: 'constraint' });
    });

    test('a unique value is refused with the name of its constraint, on insert and update; null never is', async () => {
      const code = use.unique();
      const refused = {
        errorClass: 'constraint',
        constraint: expect.stringContaining('owners_code'),
      };
      const holder = await use.insertOwner({ code });
      const other = await use.insertOwner();
      await use.insertOwner({ code: null });
      await expect(use.insertOwner({ code })).rejects.toMatchObject(refused);
      const take = () =>
        use.database.transaction((tx) => tx.updateRow(use.subject.owners, other, { code }, { clock: 6n }));
      await expect(take()).rejects.toMatchObject(refused);
      await use.database.transaction((tx) =>
        tx.updateRow(use.subject.owners, holder, { code }, { clock: 6n }),
      );
      await use.database.transaction((tx) =>
        tx.updateRow(use.subject.owners, holder, { code: null }, { clock: 7n }),
      );
      await take();
    });

    test('who holds a unique value is told, with the index and the row; null and one’s own value are held by nobody', async () => {
      const code = use.unique();
      const own = await use.insertOwner({ name: 'Ada', code });
      const ask = (values: Row, except: string | null) =>
        use.database.findHolders(use.subject.owners, values, except);
      expect(await ask({ name: 'Bo', code }, null)).toEqual([
        {
          key: own,
          row: { values: { id: own, name: 'Ada', code }, clock: 5n },
          index: {
            name: expect.stringContaining('owners_code'),
            columns: ['code'],
            predicate: null,
            nullsDistinct: true,
          },
        },
      ]);
      expect(await ask({ code }, own)).toEqual([]);
      expect(await ask({ code: null }, null)).toEqual([]);
      expect(await ask({ name: 'Ada' }, null)).toEqual([]);
      await use.database.transaction(async (tx) => {
        await tx.updateRow(use.subject.owners, own, { code: use.unique() }, { clock: 6n });
        expect(await tx.findHolders(use.subject.owners, { code }, null)).toEqual([]);
      });
    });

    test('keys come in their order, from after one up to and with another', async () => {
      const made: string[] = [];
      for (let n = 0; n < 5; n += 1) made.push(await use.insertOwner());
      const list = (of: Partial<KeyRange>) =>
        use.database.listKeys(use.subject.owners, {
          after: made[0]!,
          until: null,
          where: null,
          limit: null,
          ...of,
        });
      expect(await list({})).toEqual(made.slice(1));
      expect(await list({ limit: 2 })).toEqual(made.slice(1, 3));
      expect(await list({ until: made[3]! })).toEqual(made.slice(1, 4));
      expect(await list({ after: made[4]! })).toEqual([]);
      const all = await list({ after: null });
      expect(all.slice(-5)).toEqual(made);
      expect(await use.database.countRows(use.subject.owners, null)).toBe(all.length);
    });

    test('a row that is not there is neither updated nor deleted unnoticed', async () => {
      for (const write of [
        (tx: Transaction) => tx.updateRow(use.subject.owners, '123456789', { name: 'x' }, { clock: 1n }),
        (tx: Transaction) => tx.deleteRow(use.subject.owners, '123456789'),
      ])
        await expect(use.database.transaction(write)).rejects.toMatchObject({ errorClass: 'constraint' });
    });

    test('a child needs its parent; a parent outlives a child that restricts, and takes one that cascades', async () => {
      const orphan = use.database.transaction((tx) =>
        tx.insertRow(use.subject.pets, null, { owner: '123456789' }, unmarked),
      );
      await expect(orphan).rejects.toMatchObject({ errorClass: 'constraint', constraint: 'pets_owner' });
      const owner = await use.insertOwner();
      const pet = await use.database.transaction((tx) =>
        tx.insertRow(use.subject.pets, null, { owner }, unmarked),
      );
      const part = await use.database.transaction((tx) =>
        tx.insertRow(use.subject.parts, null, { owner }, unmarked),
      );
      await expect(
        use.database.transaction((tx) => tx.deleteRow(use.subject.owners, owner)),
      ).rejects.toMatchObject({
        errorClass: 'waiting_for_row',
        constraint: 'pets_owner',
      });
      await use.database.transaction(async (tx) => {
        await tx.deleteRow(use.subject.pets, pet);
        await tx.deleteRow(use.subject.owners, owner);
      });
      expect(await use.database.findRow(use.subject.parts, part)).toBeNull();
    });

    test('the first referrer is found, of those asked for', async () => {
      const [owner, free] = [await use.insertOwner(), await use.insertOwner()];
      await use.database.transaction((tx) => tx.insertRow(use.subject.parts, null, { owner }, unmarked));
      const pets = { entity: 'pets', table: use.subject.pets, column: 'owner' };
      const parts = { entity: 'parts', table: use.subject.parts, column: 'owner' };
      await use.database.transaction(async (tx) => {
        expect(await tx.findReferrer([pets, parts], owner)).toMatchObject(parts);
        expect(await tx.findReferrer([pets], owner)).toBeNull();
        expect(await tx.findReferrer([pets, parts], free)).toBeNull();
      });
    });
  });
}
