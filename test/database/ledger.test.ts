import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  ConflictFilter,
  ConflictRecord,
  IdentityChange,
  IdentityKey,
} from '../../src/database/contract.ts';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import { groupedDatabase } from '../../src/database/grouped/grouped-database.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';

const engines: Record<Engine, { placeholder: string }> = {
  postgres: { placeholder: '$1' },
  mysql: { placeholder: '?' },
};

describe.each(Object.keys(engines) as Engine[])('ledger on %s', (engine) => {
  const { placeholder } = engines[engine];
  let fresh: TestDatabase;
  let database: LedgerDatabase;
  let entity = '';

  beforeAll(async () => {
    fresh = await freshDatabase(engine);
    database = fresh.open();
  });
  afterAll(async () => fresh[Symbol.asyncDispose]());

  const keyOf = (sourceKey: string): IdentityKey => ({
    pipeline: 'p',
    entity: (entity = expect.getState().currentTestName!.slice(-40)),
    sourceSide: 'far',
    sourceKey,
    targetSide: 'near',
  });
  const byTarget = (targetKey: string) => ({
    pipeline: 'p',
    entity,
    sourceSide: 'far',
    targetSide: 'near',
    targetKey,
  });

  test('an identity is made once, changed field by field, and found from both sides', async () => {
    const key = keyOf('1');
    expect(await database.findIdentity(key)).toBeNull();
    const made = await database.transaction((tx) => tx.lockIdentity(key, null));
    const empty = {
      ...key,
      targetKey: null,
      position: null,
      sourceTime: null,
      counter: 0n,
      written: null,
      rowHash: null,
      tombstone: null,
      sourceClock: null,
    };
    expect(made).toEqual(empty);
    expect(await database.findIdentity(key)).toEqual(empty);

    const position = { epoch: 3, order: '00000017/1777FA8' };
    const written = { clock: 2n ** 63n - 1n, side: 'far' };
    await database.transaction(async (tx) => {
      expect(await tx.lockIdentity(key, 'not taken: the identity exists')).toEqual(empty);
      await tx.saveIdentity(key, {
        targetKey: '77',
        position,
        sourceTimestamp: '2026-01-08T10:00:00.123456Z',
        written,
        rowHash: 'f'.repeat(64),
      });
    });
    const full = {
      ...empty,
      targetKey: '77',
      position,
      sourceTime: Date.parse('2026-01-08T10:00:00.123Z'),
      counter: 1n,
      written,
      rowHash: 'f'.repeat(64),
    };
    expect(await database.findIdentity(key)).toEqual(full);
    expect(await database.findIdentityByTarget(byTarget('77'))).toEqual(full);
    expect(await database.findIdentityByTarget(byTarget('78'))).toBeNull();

    const tombstone = { clock: 5n, side: 'near' };
    await database.transaction((tx) => tx.saveIdentity(key, { tombstone }));
    expect(await database.findIdentity(key)).toEqual({ ...full, counter: 2n, tombstone });
    await database.transaction((tx) => tx.saveIdentity(key, { tombstone: null, targetKey: null }));
    expect(await database.findIdentity(key)).toEqual({ ...full, counter: 3n, targetKey: null });
  });

  test('of new identities that are made at last the ledger has what it has of those that were locked first', async () => {
    const change: IdentityChange = {
      targetKey: '77',
      position: { epoch: 3, order: '00000017/1777FA8' },
      sourceTimestamp: '2026-01-08T10:00:00.123456Z',
      written: { clock: 2n ** 63n - 1n, side: 'far' },
      rowHash: 'f'.repeat(64),
      tombstone: { clock: 5n, side: 'near' },
      sourceClock: 2n ** 62n,
    };
    const [first, ...made] = ['1', '2', '3', '4'].map(keyOf);
    await database.transaction(async (tx) => {
      await tx.lockIdentity(first!, null);
      await tx.saveIdentity(first!, change);
    });
    const grouped = groupedDatabase(database);
    await Promise.all(
      made.map((key, at) =>
        grouped.transaction(async (tx) => {
          expect(await tx.lockIdentity(key, 'replaced', { saves: true })).toMatchObject({ counter: 0n });
          await tx.saveIdentity(key, { ...change, targetKey: `8${at}` });
          if (at === 0) await tx.saveIdentity(key, { tombstone: null });
        }),
      ),
    );
    const expected = await database.findIdentity(first!);
    for (const [at, key] of made.entries())
      expect(await database.findIdentity(key)).toEqual({
        ...expected,
        ...key,
        targetKey: `8${at}`,
        ...(at === 0 && { counter: 2n, tombstone: null }),
      });
    const times = await fresh.query(
      `SELECT DISTINCT source_ts AS at FROM ${fresh.ledger}.entity_mappings WHERE entity_type = ${placeholder}`,
      [entity],
    );
    expect(times).toHaveLength(1);
  });

  test('a new identity that somebody else has made meanwhile is contention', async () => {
    const key = keyOf('1');
    const mine = groupedDatabase(database).transaction(async (tx) => {
      await tx.lockIdentity(key, null, { saves: true });
      await database.transaction((rival) => rival.lockIdentity(key, 'rival'));
      await tx.saveIdentity(key, { targetKey: 'mine' });
    });
    await expect(mine).rejects.toMatchObject({ errorClass: 'contention' });
    expect(await database.findIdentity(key)).toMatchObject({ targetKey: 'rival', counter: 0n });
  });

  test('of new identities only the one whose target row belongs to another fails', async () => {
    await database.transaction((tx) => tx.lockIdentity(keyOf('owner'), 'taken'));
    const grouped = groupedDatabase(database);
    const made = await Promise.allSettled(
      ['free', 'taken', 'also free'].map((target) =>
        grouped.transaction(async (tx) => {
          await tx.lockIdentity(keyOf(target), null, { saves: true });
          await tx.saveIdentity(keyOf(target), { targetKey: target });
        }),
      ),
    );
    expect(made).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { errorClass: 'constraint' } },
      { status: 'fulfilled' },
    ]);
    expect(await database.findIdentityByTarget(byTarget('also free'))).toMatchObject({
      sourceKey: 'also free',
    });
    expect(await database.findIdentity(keyOf('taken'))).toBeNull();
  });

  test('the source time is kept to the microsecond, in UTC', async () => {
    const key = keyOf('1');
    await database.transaction(async (tx) => {
      await tx.lockIdentity(key, null);
      await tx.saveIdentity(key, { sourceTimestamp: '2026-01-08T23:59:59.123456Z' });
    });
    const text = {
      postgres: "to_char(source_ts AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
      mysql: 'CAST(source_ts AS CHAR)',
    };
    const [row] = await fresh.query(
      `SELECT ${text[engine]} AS at FROM ${fresh.ledger}.entity_mappings WHERE entity_type = ${placeholder}`,
      [entity],
    );
    expect(row!['at']).toBe('2026-01-08 23:59:59.123456');
  });

  test('keys differ by case, accent, trailing space and encoding width, up to 512 characters', async () => {
    const keys = ['a', 'A', 'á', 'a ', '🐘', '🐘'.repeat(512), `${'x'.repeat(511)}y`, `${'x'.repeat(511)}z`];
    for (const key of keys) await database.transaction((tx) => tx.lockIdentity(keyOf(key), key));
    for (const key of keys) expect(await database.findIdentity(keyOf(key))).toMatchObject({ sourceKey: key });
    await expect(
      database.transaction((tx) => tx.lockIdentity(keyOf('x'.repeat(513)), null)),
    ).rejects.toMatchObject({ errorClass: 'data' });
  });

  test('a target row of another source row is a constraint, whether it is asked for or saved', async () => {
    await database.transaction((tx) => tx.lockIdentity(keyOf('1'), '9'));
    const taken = { errorClass: 'constraint', constraint: expect.stringContaining('entity_mappings_target') };
    await expect(database.transaction((tx) => tx.lockIdentity(keyOf('2'), '9'))).rejects.toMatchObject(taken);
    await database.transaction((tx) => tx.lockIdentity(keyOf('3'), null));
    await expect(
      database.transaction((tx) =>
        tx.saveIdentity(keyOf('3'), { targetKey: '9', sourceTimestamp: '2026-01-08T10:00:00Z' }),
      ),
    ).rejects.toMatchObject(taken);
    expect(await database.findIdentity(keyOf('2'))).toBeNull();
    expect(await database.findIdentity(keyOf('3'))).toMatchObject({ targetKey: null });
  });

  test('saving an identity that was never locked is a bug', async () => {
    await expect(
      database.transaction((tx) =>
        tx.saveIdentity(keyOf('none'), { sourceTimestamp: '2026-01-08T10:00:00Z' }),
      ),
    ).rejects.toMatchObject({ errorClass: 'bug' });
  });

  test('an outcome is stored once; a second try is contention and reads it back', async () => {
    const event = {
      eventId: '0b6ab0c6-6ab5-5d30-8d06-0a5c1c2b7f01',
      pipeline: 'p',
      entity: 'e',
      outcome: 'conflict_kept' as const,
      targetKey: '12',
    };
    expect(await database.findProcessed(event.eventId)).toBeNull();
    await database.transaction((tx) => tx.recordProcessed(event));
    expect(await database.findProcessed(event.eventId)).toEqual(event);
    await expect(
      database.transaction((tx) => tx.recordProcessed({ ...event, outcome: 'applied' })),
    ).rejects.toMatchObject({ errorClass: 'contention' });
    expect(await database.findProcessed(event.eventId)).toEqual(event);
  });

  test('a local tombstone is found by its whole key', async () => {
    const of = { pipeline: 'p', entity: 'e', side: 'near', key: '5' };
    expect(await database.findLocalTombstone(of)).toBeNull();
    await fresh.query(
      `INSERT INTO ${fresh.ledger}.local_tombstones (pipeline, entity_type, side, row_key, clock)
      VALUES ('p', 'e', 'near', '5', 1780000000000000)`,
    );
    expect(await database.findLocalTombstone(of)).toBe(1_780_000_000_000_000n);
    for (const other of [{ pipeline: 'q' }, { entity: 'f' }, { side: 'far' }, { key: '6' }])
      expect(await database.findLocalTombstone({ ...of, ...other })).toBeNull();
  });

  test('a conflict keeps both versions', async () => {
    const conflict: ConflictRecord = {
      eventId: '0b6ab0c6-6ab5-5d30-8d06-0a5c1c2b7f02',
      pipeline: 'p',
      entity: 'e',
      targetSide: 'near',
      targetKey: '12',
      type: 'update_origin_differs',
      verdict: 'kept',
      incoming: { version: { clock: 4n, side: 'far' }, row: { name: 'Zoë 🐘', note: null } },
      existing: { version: { clock: 5n, side: 'near' }, row: { name: "it's \\ here", flag: true } },
    };
    await database.transaction(async (tx) => {
      await tx.recordConflict(conflict);
      await tx.recordConflict({
        ...conflict,
        type: 'delete_missing',
        incoming: { ...conflict.incoming, row: null },
        existing: { version: null, row: null },
      });
    });
    const rows = await fresh.query(
      `SELECT * FROM ${fresh.ledger}.conflicts WHERE event_id = ${placeholder} ORDER BY id`,
      [conflict.eventId],
    );
    expect(rows).toMatchObject([
      {
        type: 'update_origin_differs',
        verdict: 'kept',
        incoming_clock: '4',
        incoming_side: 'far',
        existing_clock: '5',
        existing_side: 'near',
      },
      { type: 'delete_missing', incoming_row: null, existing_clock: null, existing_row: null },
    ]);
    expect(JSON.parse(rows[0]!['incoming_row'] as string)).toEqual(conflict.incoming.row);
    expect(JSON.parse(rows[0]!['existing_row'] as string)).toEqual(conflict.existing.row);

    const of = { pipeline: 'p', targetSide: 'near', limit: 10 };
    const [newest, oldest] = await database.findConflicts(of);
    const { id } = newest!;
    expect(oldest).toEqual({ ...conflict, id: expect.any(String), recordedAt: expect.any(String) });
    expect(newest).toMatchObject({ type: 'delete_missing', existing: { version: null, row: null } });
    const recordedAt = Date.parse(newest!.recordedAt);
    expect(Math.abs(recordedAt - Date.now())).toBeLessThan(60_000);

    const found = async (changes: Partial<ConflictFilter>) =>
      (await database.findConflicts({ ...of, ...changes })).length;
    expect(await database.findConflicts({ ...of, limit: 1 })).toEqual([newest]);
    expect(await database.findConflicts({ ...of, id })).toEqual([newest]);
    expect(await found({ entity: 'e', type: 'update_origin_differs' })).toBe(1);
    const instant = (shift: number) => new Date(recordedAt + shift).toISOString();
    expect(await found({ since: instant(-60_000) })).toBe(2);
    expect(await found({ since: instant(60_000) })).toBe(0);
    for (const other of [{ pipeline: 'q' }, { targetSide: 'far' }, { entity: 'f' }, { id: '0' }])
      expect(await found(other)).toBe(0);
  });
});
