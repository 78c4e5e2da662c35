import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConflictRecord, IdentityKey } from '../../src/database/contract.ts';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import type { RowQuestion } from '../../src/database/trace-row.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';

describe.each(['postgres', 'mysql'] as Engine[])('what a ledger knows of a row on %s', (engine) => {
  let fresh: TestDatabase;
  let database: LedgerDatabase;

  const way = { pipeline: 'p', entity: 'e', sourceSide: 'far', targetSide: 'near' };
  const key: IdentityKey = { ...way, sourceKey: '1' };
  const question: RowQuestion = {
    row: { ...way, sourceKeys: ['1'], targetKeys: ['7'] },
    eventIds: [],
    since: null,
    limit: 10,
  };
  const conflict = (eventId: string, targetKey: string | null, targetSide = 'near'): ConflictRecord => ({
    eventId,
    pipeline: 'p',
    entity: 'e',
    targetSide,
    targetKey,
    type: 'delete_missing',
    verdict: 'applied',
    incoming: { version: { clock: 1n, side: 'far' }, row: null },
    existing: { version: null, row: null },
  });
  const idsOf = (found: readonly { eventId: string }[]) => found.map(({ eventId }) => eventId).toSorted();

  beforeAll(async () => {
    fresh = await freshDatabase(engine);
    database = fresh.open();
    await database.transaction(async (tx) => {
      await tx.lockIdentity(key, '7');
      await tx.saveIdentity(key, { tombstone: { clock: 5n, side: 'far' } });
      await tx.lockIdentity({ ...key, entity: 'other' }, '7');
      for (const [eventId, pipeline, entity, targetKey] of [
        ['first', 'p', 'e', '7'],
        ['second', 'p', 'e', '7'],
        ['keyless', 'p', 'e', null],
        ['of another row', 'p', 'e', '8'],
        ['of another entity', 'p', 'other', '7'],
        ['of another pipeline', 'q', 'e', '7'],
      ] as const)
        await tx.recordProcessed({ eventId, pipeline, entity, outcome: 'applied', targetKey });
      await tx.recordConflict(conflict('second', '7'));
      await tx.recordConflict(conflict('keyless', null));
      await tx.recordConflict(conflict('forgotten', '7'));
      await tx.recordConflict(conflict('elsewhere', '7', 'far'));
    });
    await fresh.query(
      `UPDATE ${fresh.ledger}.processed_events SET processed_at = '2026-01-02 00:00:00' WHERE event_id = 'first'`,
    );
    for (const row of [key, { ...key, sourceKey: '2' }])
      await database.enterWaitingRoom({
        eventId: `waits ${row.sourceKey}`,
        row,
        awaits: { entity: 'parents', side: 'far', key: '3', counter: '-1' },
        ownCounter: '-1',
      });
  });
  afterAll(async () => fresh[Symbol.asyncDispose]());

  test('its identity is found by either key, with its times', async () => {
    const [found, ...others] = await database.traceIdentities(question.row);
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      ...key,
      targetKey: '7',
      counter: 1n,
      tombstone: { clock: 5n, side: 'far' },
    });
    expect(Math.abs(Date.parse(found!.createdAt) - Date.now())).toBeLessThan(600_000);
    for (const keys of [{ sourceKeys: [] }, { targetKeys: [] }])
      expect(await database.traceIdentities({ ...question.row, ...keys })).toEqual([found]);
    expect(await database.traceIdentities({ ...question.row, sourceKeys: ['2'], targetKeys: [] })).toEqual(
      [],
    );
    expect(
      await database.traceIdentities({ ...question.row, sourceSide: 'near', targetSide: 'far' }),
    ).toEqual([]);
  });

  test('its events are found by its key, those without one by their ids, with their conflicts', async () => {
    const byKey = await database.traceRow(question);
    expect(idsOf(byKey.processed)).toEqual(['first', 'second']);
    expect(byKey.processed.find(({ eventId }) => eventId === 'first')!.at).toMatch(/^2026-01-02T00:00:00/);
    expect(idsOf(byKey.conflicts)).toEqual(['forgotten', 'second']);
    const byId = await database.traceRow({ ...question, eventIds: ['keyless', 'second', 'unknown'] });
    expect(idsOf(byId.processed)).toEqual(['first', 'keyless', 'second']);
    expect(idsOf(byId.conflicts)).toEqual(['forgotten', 'keyless', 'second']);
  });

  test('only what was noted since a time, and the newest so many', async () => {
    const since = '2026-01-02T00:00:00.001Z';
    expect(idsOf((await database.traceRow({ ...question, since })).processed)).toEqual(['second']);
    expect(idsOf((await database.traceRow({ ...question, limit: 1 })).processed)).toEqual(['second']);
  });

  test('what waits is told with the row it waits for', async () => {
    const { waiting } = await database.traceRow(question);
    expect(waiting).toEqual([
      {
        eventId: 'waits 1',
        awaited: { entity: 'parents', side: 'far', key: '3' },
        since: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
  });

  test('of a row without keys on a side nothing is told', async () => {
    const none = await database.traceRow({
      ...question,
      row: { ...question.row, sourceKeys: [], targetKeys: [] },
    });
    expect(none).toEqual({ processed: [], conflicts: [], waiting: [] });
  });
});
