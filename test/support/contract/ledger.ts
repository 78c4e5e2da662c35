import { describe, expect, test } from '@jest/globals';
import type { IdentityKey, Transaction } from '../../../src/database/contract.ts';
import { at, pipeline } from './use.ts';
import type { ContractUse } from './use.ts';

export function ledgerCases(use: ContractUse): void {
  describe('ledger', () => {
    const fresh = (of: IdentityKey, targetKey: string | null = null) => ({
      ...of,
      targetKey,
      position: null,
      sourceTime: null,
      counter: 0n,
      written: null,
      rowHash: null,
      tombstone: null,
      sourceClock: null,
    });

    test('an identity is made at its first lock, and only then takes the target key given', async () => {
      const of = use.key(use.unique());
      expect(await use.database.findIdentity(of)).toBeNull();
      const target = use.unique();
      expect(await use.database.transaction((tx) => tx.lockIdentity(of, target))).toEqual(fresh(of, target));
      expect(await use.database.transaction((tx) => tx.lockIdentity(of, 'other'))).toEqual(fresh(of, target));
    });

    test('an identity keeps what a save leaves out, and counts saves', async () => {
      const of = use.key(use.unique());
      const target = use.unique();
      const written = { clock: 2n ** 62n, side: 'far' };
      const position = { epoch: 2, order: '0001' };
      await use.database.transaction(async (tx) => {
        await tx.lockIdentity(of, null);
        await tx.saveIdentity(of, {
          targetKey: target,
          position,
          written,
          rowHash: 'h',
          sourceClock: 8n,
          sourceTimestamp: at,
        });
        expect(await tx.findIdentity(of)).toMatchObject({ targetKey: target, counter: 1n });
      });
      const sourceTime = Date.parse(at);
      const full = {
        ...fresh(of, target),
        position,
        sourceTime,
        written,
        rowHash: 'h',
        sourceClock: 8n,
        counter: 1n,
      };
      expect(await use.database.findIdentity(of)).toEqual(full);
      const tombstone = { clock: 9n, side: 'near' };
      await use.database.transaction((tx) => tx.saveIdentity(of, { tombstone, sourceTimestamp: at }));
      expect(await use.database.findIdentity(of)).toEqual({ ...full, tombstone, counter: 2n });
      await use.database.transaction((tx) =>
        tx.saveIdentity(of, { targetKey: null, tombstone: null, sourceTimestamp: at }),
      );
      expect(await use.database.findIdentity(of)).toEqual({ ...full, targetKey: null, counter: 3n });
    });

    test('an identity is found by its target, in its entity and from its source side', async () => {
      const of = use.key(use.unique());
      const targetKey = use.unique();
      await use.database.transaction((tx) => tx.lockIdentity(of, targetKey));
      const byTarget = { pipeline, entity: 'e', sourceSide: 'far', targetSide: use.database.side, targetKey };
      expect(await use.database.findIdentityByTarget(byTarget)).toEqual(fresh(of, targetKey));
      for (const other of [{ pipeline: 'q' }, { entity: 'f' }, { sourceSide: 'x' }, { targetKey: 'none' }])
        expect(await use.database.findIdentityByTarget({ ...byTarget, ...other })).toBeNull();
    });

    test('a target row belongs to one source row of its entity, asked for or saved', async () => {
      const target = use.unique();
      const [first, second] = [use.key(use.unique()), use.key(use.unique())];
      await use.database.transaction((tx) => tx.lockIdentity(first, target));
      const taken = {
        errorClass: 'constraint',
        constraint: expect.stringContaining('entity_mappings_target'),
      };
      await expect(use.database.transaction((tx) => tx.lockIdentity(second, target))).rejects.toMatchObject(
        taken,
      );
      expect(await use.database.findIdentity(second)).toBeNull();
      await use.database.transaction((tx) => tx.lockIdentity(second, null));
      await expect(
        use.database.transaction((tx) => tx.saveIdentity(second, { targetKey: target, sourceTimestamp: at })),
      ).rejects.toMatchObject(taken);
      await use.database.transaction((tx) => tx.lockIdentity(use.key(use.unique(), 'f'), target));
    });

    test('saving an identity that is not there is a bug', async () => {
      await expect(
        use.database.transaction((tx) => tx.saveIdentity(use.key(use.unique()), { sourceTimestamp: at })),
      ).rejects.toMatchObject({ errorClass: 'bug' });
    });

    test('an event is processed once; a second record of it is contention, the first stays', async () => {
      const event = {
        eventId: use.unique(),
        pipeline,
        entity: 'e',
        outcome: 'applied',
        targetKey: '4',
      } as const;
      expect(await use.database.findProcessed(event.eventId)).toBeNull();
      await use.database.transaction(async (tx) => {
        await tx.recordProcessed(event);
        expect(await tx.findProcessed(event.eventId)).toEqual(event);
        expect(await use.database.findProcessed(event.eventId)).toBeNull();
      });
      await expect(
        use.database.transaction((tx) => tx.recordProcessed({ ...event, outcome: 'stale' })),
      ).rejects.toMatchObject({ errorClass: 'contention' });
      expect(await use.database.findProcessed(event.eventId)).toEqual(event);
    });

    test('of two tries of one event at once, one records it and the other is contention', async () => {
      const event = {
        eventId: use.unique(),
        pipeline,
        entity: 'e',
        outcome: 'applied',
        targetKey: '4',
      } as const;
      const tries = await Promise.allSettled(
        [1, 2].map(() => use.database.transaction((tx) => tx.recordProcessed(event))),
      );
      expect(tries.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(tries.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { errorClass: 'contention' },
      });
    });

    test('a claim is found by either key, of its own entity, and each key is claimed once', async () => {
      const of = { pipeline, entity: use.unique() };
      const [fixedKey, otherKey, free] = [use.unique(), use.unique(), use.unique()];
      const claim = { fixedKey, otherKey };
      const run = <T>(work: (tx: Transaction) => Promise<T>) => use.database.transaction(work);
      expect(await use.database.findClaim(of, { fixedKey })).toBeNull();
      await run((tx) => tx.insertClaim(of, { fixedKey, otherKey: null }));
      await run((tx) => tx.insertClaim(of, { fixedKey: free, otherKey: null }));
      expect(await run((tx) => tx.lockClaim(of, { fixedKey }))).toEqual({ fixedKey, otherKey: null });
      await run((tx) => tx.updateClaim(of, fixedKey, claim));
      for (const key of [{ fixedKey }, { otherKey }]) {
        expect(await use.database.findClaim(of, key)).toEqual(claim);
        expect(await run((tx) => tx.lockClaim(of, key))).toEqual(claim);
        expect(await use.database.findClaim({ ...of, entity: 'other' }, key)).toBeNull();
      }
      for (const taken of [
        (tx: Transaction) => tx.insertClaim(of, { fixedKey, otherKey: use.unique() }),
        (tx: Transaction) => tx.insertClaim(of, { fixedKey: use.unique(), otherKey }),
        (tx: Transaction) => tx.updateClaim(of, free, { fixedKey: free, otherKey }),
        (tx: Transaction) => tx.updateClaim(of, free, claim),
      ])
        await expect(run(taken)).rejects.toMatchObject({ errorClass: 'contention' });
      await run((tx) => tx.updateClaim(of, fixedKey, { ...claim, fixedKey: 'moved' }));
      expect(await use.database.findClaim(of, { otherKey })).toEqual({ fixedKey: 'moved', otherKey });
    });

    test('of two transactions that claim one row at once, one does and the other is contention', async () => {
      const of = { pipeline, entity: use.unique() };
      const otherKey = use.unique();
      const tries = await Promise.allSettled(
        [1, 2].map(() =>
          use.database.transaction((tx) => tx.insertClaim(of, { fixedKey: use.unique(), otherKey })),
        ),
      );
      expect(tries.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(tries.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { errorClass: 'contention' },
      });
    });

    test('a local tombstone is found by its whole key', async () => {
      const of = { pipeline, entity: 'e', side: use.database.side, key: use.unique() };
      expect(await use.database.findLocalTombstone(of)).toBeNull();
      await use.subject.leaveLocalTombstone(of, 2n ** 61n);
      expect(await use.database.findLocalTombstone(of)).toBe(2n ** 61n);
      expect(await use.database.transaction((tx) => tx.findLocalTombstone(of))).toBe(2n ** 61n);
      for (const other of [{ pipeline: 'q' }, { entity: 'f' }, { side: 'far' }, { key: 'none' }])
        expect(await use.database.findLocalTombstone({ ...of, ...other })).toBeNull();
    });
  });
}
