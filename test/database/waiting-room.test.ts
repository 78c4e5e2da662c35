import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IdentityKey } from '../../src/database/contract.ts';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import type { Overdue } from '../../src/database/waiting-room.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';

const at = '2026-01-08T10:00:00.000000Z';
const idOf = (n: number) => `00000000-0000-5000-8000-${String(n).padStart(12, '0')}`;

describe.each(['postgres', 'mysql'] as Engine[])('the waiting room on %s', (engine) => {
  let fresh: TestDatabase;
  let database: LedgerDatabase;
  let pipeline = '';
  let made = 0;

  beforeAll(async () => {
    fresh = await freshDatabase(engine);
    database = fresh.open();
  });
  afterAll(async () => fresh[Symbol.asyncDispose]());

  const rowOf = (entity: string, sourceKey: string): IdentityKey => ({
    pipeline,
    entity,
    sourceSide: 'far',
    sourceKey,
    targetSide: 'near',
  });
  const enter = async (awaited: string, { side = 'far', counter = '-1', ownCounter = '-1' } = {}) => {
    const eventId = idOf((made += 1));
    await database.enterWaitingRoom({
      eventId,
      row: rowOf('children', eventId),
      awaits: { entity: 'parents', side, key: awaited, counter },
      ownCounter,
    });
    return eventId;
  };
  const apply = (sourceKey: string, targetKey: string | null = `n${sourceKey}`, entity = 'parents') =>
    database.transaction(async (tx) => {
      const key = rowOf(entity, sourceKey);
      await tx.lockIdentity(key, null);
      await tx.saveIdentity(key, { targetKey, sourceTimestamp: at });
    });
  const woken = (outstanding = 100) => database.takeWoken({ pipeline, outstanding });

  test('gives an event once its row has changed, and not again while somebody is waking it', async () => {
    pipeline = 'given';
    const first = await enter('1');
    const second = await enter('2');
    expect(await woken()).toEqual([]);
    await apply('1');
    expect(await woken()).toEqual([first]);
    expect(await woken()).toEqual([]);
    await apply('2');
    expect(await woken()).toEqual([second]);
    // It has to wait on: what it saw this time counts.
    await database.enterWaitingRoom({
      eventId: first,
      row: rowOf('children', first),
      awaits: { entity: 'parents', side: 'far', key: '1', counter: '1' },
      ownCounter: '-1',
    });
    expect(await woken()).toEqual([]);
    await apply('1');
    expect(await woken()).toEqual([first]);
  });

  test('misses no change between the look at a row and the entry', async () => {
    pipeline = 'race';
    await apply('1');
    expect(await woken()).toEqual([]);
    const late = await enter('1', { counter: '-1' });
    const current = await enter('1', { counter: '1' });
    expect(await woken()).toEqual([late]);
    expect(current).not.toBe(late);
  });

  test('knows the awaited row by its key on the target too', async () => {
    pipeline = 'target';
    await apply('7', 'n7');
    const waiting = await enter('n7', { side: 'near', counter: '1' });
    expect(await woken()).toEqual([]);
    await apply('7', 'n7');
    expect(await woken()).toEqual([waiting]);
  });

  test('gives an event whose own row was changed by another one, once for both', async () => {
    pipeline = 'own';
    const waiting = await enter('1');
    await apply(waiting, null, 'children');
    await apply('1');
    expect(await woken()).toEqual([waiting]);
    const knew = await enter('2', { ownCounter: '1' });
    await apply(knew, null, 'children');
    expect(await woken()).toEqual([]);
    await apply(knew, null, 'children');
    expect(await woken()).toEqual([knew]);
  });

  test('gives those that came before a moment, longest first, and of them only those that await that entity', async () => {
    pipeline = 'overdue';
    const [first, second, third] = [await enter('1'), await enter('2'), await enter('3')];
    await fresh.query(
      `UPDATE ${fresh.ledger}.waiting_events SET entered_at = CURRENT_TIMESTAMP(6) - INTERVAL '10' MINUTE WHERE event_id IN ('${first}', '${second}')`,
    );
    const minuteAgo = Date.now() - 60_000;
    const overdue = (changes: Partial<Overdue> = {}) =>
      database.takeOverdue({
        pipeline,
        entity: 'parents',
        side: 'far',
        atMost: 100,
        isOverdue: (enteredAt) => Promise.resolve(enteredAt < minuteAgo),
        ...changes,
      });
    expect(await overdue({ entity: 'children' })).toEqual([]);
    expect(await overdue({ side: 'near' })).toEqual([]);
    expect(await overdue({ atMost: 1 })).toEqual([first]);
    expect(await overdue()).toEqual([second]);
    // Somebody is waking them.
    expect(await overdue()).toEqual([]);
    expect(await overdue({ isOverdue: () => Promise.resolve(true) })).toEqual([third]);
  });

  test('gives no more than may be outstanding, those longest in it first', async () => {
    pipeline = 'many';
    const entered: string[] = [];
    for (let n = 0; n < 5; n++) entered.push(await enter('1'));
    await apply('1');
    expect(await woken(2)).toEqual(entered.slice(0, 2));
    expect(await woken(2)).toEqual([]);
    await database.transaction((tx) => tx.leaveWaitingRoom(entered[0]!));
    expect(await woken(2)).toEqual([entered[2]]);
    await database.forgetWaiting(entered);
    expect(await woken(2)).toEqual([]);
  });

  test('is left only when the transaction that applies the event commits', async () => {
    pipeline = 'left';
    const waiting = await enter('1');
    const row = rowOf('children', waiting);
    await expect(
      database.transaction(async (tx) => {
        await tx.leaveWaitingRoom(waiting);
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    expect(await database.findWaiting(row)).toEqual({
      eventId: waiting,
      row,
      awaits: { entity: 'parents', side: 'far', key: '1', counter: '-1' },
      ownCounter: '-1',
    });
    await database.transaction((tx) => tx.leaveWaitingRoom(waiting));
    expect(await database.findWaiting(row)).toBeNull();
  });
});
