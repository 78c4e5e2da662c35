import { describe, expect, test } from '@jest/globals';
import type { ActivityDeps } from '../../src/activities/deps.ts';
import { upsertRowActivity } from '../../src/activities/upsert-row.ts';
import type { ChangeEvent } from '../../src/change/event.ts';
import { eventId } from '../../src/change/event-id.ts';
import { Fuse } from '../../src/errors/fuse.ts';
import { integer, text } from '../../src/pipeline/columns.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../src/pipeline/define.ts';
import type { PauseInput } from '../../src/temporal/pause.ts';
import { freshDatabases } from '../support/databases.ts';

const definitions = { legacy: postgres({ url: 'postgres://l' }), revamp: mysql({ url: 'mysql://r' }) };

describe.each([
  ['legacy', 'revamp'],
  ['revamp', 'legacy'],
] as const)('from %s to %s', (from, to) => {
  test('a change of a log that began anew is brought over by reading its row, and pauses the side', async () => {
    const pipeline = compilePipeline(
      definePipeline({
        name: 'restarts',
        sides: { [from]: definitions[from], [to]: definitions[to] },
        entities: {
          items: entity({
            tables: {
              [from]: table('items', { id: integer(), name: text() }),
              [to]: table('items', { id: integer(), title: text() }),
            },
            columns: { name: 'title' },
            direction: 'one_way',
            key: 'same',
            sourceColumn: null,
          }),
        },
      }),
    );
    await using fresh = await freshDatabases();
    await fresh[from].query('CREATE TABLE items (id BIGINT PRIMARY KEY, name VARCHAR(40))');
    await fresh[to].query('CREATE TABLE items (id BIGINT PRIMARY KEY, title VARCHAR(40))');
    const started: PauseInput[] = [];
    const upsertRow = upsertRowActivity({
      pipeline,
      databases: new Map([
        [from, fresh[from].open()],
        [to, fresh[to].open()],
      ]),
      fuse: new Fuse({ errors: 0, windowMs: 1 }),
      trialMaxMs: 1,
      maxClockSkewSeconds: 5,
      observer: { applied: () => {} },
      pauses: { open: [], start: async (input: PauseInput) => started.push(input) > 0 },
    } as unknown as ActivityDeps);

    const source = (statement: string) => fresh[from].query(statement);
    const event = (operation: ChangeEvent['operation'], name: string, order: string, seconds: number) => {
      const position = { epoch: 1, order };
      const of = { pipeline: 'restarts', entity: 'items', side: from, table: 'items', key: '1' };
      return {
        kind: 'event' as const,
        event: {
          event_id: eventId({ ...of, position, operation }),
          event_version: '1.0.0' as const,
          pipeline: 'restarts',
          entity_type: 'items',
          operation,
          primary_key: '1',
          payload: { id: '1', name },
          before: null,
          source: from,
          timestamp: new Date(1_767_866_400_000 + seconds * 1000).toISOString(),
          position,
          clock: null,
          origin: null,
          snapshot: false,
        },
      };
    };
    const apply = (subject: ReturnType<typeof event>) =>
      upsertRow({ pipeline: 'restarts', subject, transformed: null, identity: null });
    const titles = async () => (await fresh[to].query('SELECT title FROM items')).map(({ title }) => title);

    await source("INSERT INTO items VALUES (1, 'old log')");
    await apply(event('CREATE', 'old log', '0000000900', 0));
    const late = event('UPDATE', 'late', '0000000901', 1);

    await source("UPDATE items SET name = 'newest' WHERE id = 1");
    expect(await apply(event('UPDATE', 'new log', '0000000001', 60))).toMatchObject({ outcome: 'applied' });
    expect(await titles()).toEqual(['newest']);
    expect(started).toMatchObject([
      { reason: 'log_restarted', scope: { kind: 'side', side: from }, epoch: 1, sample: null },
    ]);

    await apply(late);
    expect(await titles()).toEqual(['newest']);

    await source('DELETE FROM items');
    expect(await apply(event('UPDATE', 'again', '0000000002', 61))).toMatchObject({ outcome: 'applied' });
    expect(await titles()).toEqual([]);

    // what is older by both is stale, as ever
    expect(await apply(event('UPDATE', 'long ago', '0000000003', -60))).toMatchObject({ outcome: 'stale' });
  });
});
