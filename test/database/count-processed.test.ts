import { describe, expect, test } from '@jest/globals';
import type { Engine } from '../../src/pipeline/define.ts';
import { freshDatabase } from '../support/databases.ts';

const nowInUtc: Record<Engine, string> = { postgres: 'CURRENT_TIMESTAMP(6)', mysql: 'UTC_TIMESTAMP(6)' };

describe.each(Object.keys(nowInUtc) as Engine[])('the last minute of the ledger on %s', (engine) => {
  test('is counted by entity and outcome, of this pipeline only, by the clock of the database', async () => {
    await using fresh = await freshDatabase(engine);
    const database = fresh.open();
    expect(await database.countProcessed('p')).toEqual([]);
    const ago = (seconds: number) => `${nowInUtc[engine]} - INTERVAL '${seconds}' SECOND`;
    await fresh.query(
      `INSERT INTO ${fresh.ledger}.processed_events (event_id, pipeline, entity_type, outcome, processed_at) VALUES
       ('a', 'p', 'e', 'applied', ${ago(0)}), ('b', 'p', 'e', 'applied', ${ago(20)}), ('c', 'p', 'e', 'stale', ${ago(20)}),
       ('d', 'p', 'f', 'applied', ${ago(20)}), ('e', 'p', 'e', 'applied', ${ago(90)}), ('f', 'q', 'e', 'applied', ${ago(0)})`,
    );
    const counts = await database.countProcessed('p');
    expect(counts).toHaveLength(3);
    expect(counts).toEqual(
      expect.arrayContaining([
        { entity: 'e', outcome: 'applied', events: 2 },
        { entity: 'e', outcome: 'stale', events: 1 },
        { entity: 'f', outcome: 'applied', events: 1 },
      ]),
    );
  });
});
