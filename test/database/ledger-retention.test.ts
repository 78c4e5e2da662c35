import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IdentityKey } from '../../src/database/contract.ts';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';

describe.each<Engine>(['postgres', 'mysql'])('housekeeping of the ledger on %s', (engine) => {
  let fresh: TestDatabase;
  let database: LedgerDatabase;
  const before = new Date('2026-02-01T00:00:00Z');
  const of = { pipeline: 'p', entity: 'e', side: 'near', before };

  beforeAll(async () => {
    fresh = await freshDatabase(engine);
    database = fresh.open();
  });
  afterAll(async () => fresh[Symbol.asyncDispose]());

  test('old events are found oldest first and forgotten, of this pipeline only', async () => {
    const { retention } = database;
    await fresh.query(
      `INSERT INTO ${fresh.ledger}.processed_events (event_id, pipeline, entity_type, outcome, processed_at) VALUES
       ('b', 'p', 'e', 'applied', '2026-01-02 00:00:00'), ('a', 'p', 'e', 'applied', '2026-01-03 00:00:00'),
       ('c', 'p', 'e', 'applied', '2026-02-01 00:00:00'), ('d', 'q', 'e', 'applied', '2026-01-01 00:00:00')`,
    );
    expect(await retention.oldEvents({ pipeline: 'p', before, limit: 10 })).toEqual(['b', 'a']);
    expect(await retention.oldEvents({ pipeline: 'p', before, limit: 1 })).toEqual(['b']);
    expect(await retention.forgetEvents(['b', 'a', 'none'])).toBe(2);
    expect(await retention.forgetEvents([])).toBe(0);
    expect(await database.findProcessed('a')).toBeNull();
    expect(await database.findProcessed('c')).not.toBeNull();
    expect(await database.findProcessed('d')).not.toBeNull();
  });

  test('a local tombstone is old by its clock and by its own time', async () => {
    const { retention } = database;
    const micros = (iso: string) => String(Date.parse(iso) * 1000);
    const old = "'2026-01-01 00:00:00'";
    const late = "'2026-02-02 00:00:00'";
    await fresh.query(
      `INSERT INTO ${fresh.ledger}.local_tombstones (pipeline, entity_type, side, row_key, clock, created_at) VALUES
       ('p', 'e', 'near', 'old', ${micros('2026-01-01T00:00:00Z')}, ${old}),
       ('p', 'e', 'near', 'ahead', ${micros('2026-03-01T00:00:00Z')}, ${old}),
       ('p', 'e', 'near', 'again', ${micros('2026-01-01T00:00:00Z')}, ${late}),
       ('p', 'e', 'far', 'other', ${micros('2026-01-01T00:00:00Z')}, ${old})`,
    );
    expect(await retention.oldLocalTombstones({ ...of, limit: 10 })).toEqual(['old']);
    expect(await retention.forgetLocalTombstones({ ...of, keys: ['old', 'ahead', 'again'] })).toBe(1);
    expect(await retention.forgetLocalTombstones({ ...of, keys: [] })).toBe(0);
    expect(await database.findLocalTombstone({ ...of, key: 'ahead' })).not.toBeNull();
    expect(await database.findLocalTombstone({ ...of, key: 'old' })).toBeNull();
  });

  test('identities with an old tombstone are found page by page, and forgotten while they are as they were', async () => {
    const { retention } = database;
    const key = (sourceKey: string): IdentityKey => ({
      pipeline: 'p',
      entity: 'e',
      sourceSide: 'far',
      sourceKey,
      targetSide: 'near',
    });
    const clock = BigInt(Date.parse('2026-01-01T00:00:00Z')) * 1000n;
    for (const [sourceKey, tombstone] of [
      ['1', clock + 1n],
      ['2', clock],
      ['3', clock],
      ['alive', null],
      ['young', BigInt(before.getTime()) * 1000n],
    ] as const)
      await database.transaction(async (tx) => {
        await tx.lockIdentity(key(sourceKey), `t${sourceKey}`);
        await tx.saveIdentity(key(sourceKey), {
          sourceTimestamp: '2026-01-01T00:00:00Z',
          tombstone: tombstone === null ? null : { clock: tombstone, side: 'far' },
        });
      });
    const sides = { pipeline: 'p', entity: 'e', sourceSide: 'far', targetSide: 'near', before };
    const find = (after: Parameters<typeof retention.oldTombstones>[0]['after'], limit: number) =>
      retention.oldTombstones({ ...sides, after, limit });
    // Just changed: whatever the tombstone's age, they stay.
    expect(await find(null, 10)).toEqual([]);
    await fresh.query(`UPDATE ${fresh.ledger}.entity_mappings SET updated_at = '2026-01-02 00:00:00'`);
    const [first, second] = await find(null, 2);
    expect([first, second]).toEqual([
      { sourceKey: '2', targetKey: 't2', clock, counter: 1n },
      { sourceKey: '3', targetKey: 't3', clock, counter: 1n },
    ]);
    expect((await find(second!, 2)).map(({ sourceKey }) => sourceKey)).toEqual(['1']);
    expect(await retention.forgetIdentity(key('2'), 0n)).toBe(false);
    expect(await retention.forgetIdentity(key('2'), 1n)).toBe(true);
    expect(await database.findIdentity(key('2'))).toBeNull();
    expect(await database.findIdentity(key('alive'))).not.toBeNull();
  });
});
