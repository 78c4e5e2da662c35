import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Kafka } from 'kafkajs';
import { settledEvent } from '../../src/apply/settled-event.ts';
import type { ChangeEvent } from '../../src/change/event.ts';
import { changeEvent } from '../../src/change/event.ts';
import { parseRecord } from '../../src/change/parsers/record.ts';
import { toChangeEvent } from '../../src/change/to-change-event.ts';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import { capturedTable, keyValueOf } from '../../src/pipeline/captured-table.ts';
import { columnKind, integer } from '../../src/pipeline/columns.ts';
import { compilePipeline } from '../../src/pipeline/compile.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../src/pipeline/define.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import type { Route } from '../../src/pipeline/route.ts';
import { transformChange } from '../../src/pipeline/transform.ts';
import { captureTable } from '../support/captured-table.ts';
import type { CapturedTopic } from '../support/captured-table.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';
import { testKafka } from '../support/pipeline-system.ts';
import { valueCases, valueCaseSchema } from '../support/value-cases.ts';

const sides: Record<Engine, (url: string) => ReturnType<typeof postgres>> = {
  postgres: (url) => postgres({ url }),
  mysql: (url) => mysql({ url }),
};

/** What Debezium makes of a value that no decoder can undo: refused by column name, or another text of it. */
const differing: Record<Engine, Record<string, RegExp | string>> = {
  postgres: { 'timestamp +294276-12-31T23:59:59.999999': /column c\d+: .* not of kind timestamp/ },
  mysql: {},
};

/** In a snapshot Debezium loses the era, and then stops at a day the year 1 did not have. */
const uncapturable = new Set(['date 0000-02-29']);

describe.each(Object.keys(valueCases) as Engine[])('values of %s as captured', (engine) => {
  const cases = valueCases[engine].flatMap(({ type, schema, holds }, index) =>
    holds
      .filter((value) => !uncapturable.has(`${type} ${String(value)}`))
      .map((value) => ({ type, value, kind: columnKind(schema), column: `c${index}` })),
  );
  let fresh: TestDatabase;
  let database: LedgerDatabase;
  let route: Route;
  let topic: CapturedTopic;
  let kafka: Kafka;

  beforeAll(async () => {
    fresh = await freshDatabase(engine);
    for (const statement of valueCaseSchema[engine]) await fresh.query(statement);
    const columns = valueCases[engine].map(({ type }, index) => `c${index} ${type}`);
    await fresh.query(`CREATE TABLE things (id bigint PRIMARY KEY, touched int, ${columns.join(', ')})`);
    if (engine === 'postgres') await fresh.query('ALTER TABLE things REPLICA IDENTITY FULL');
    database = fresh.open();
    const declared = Object.fromEntries(
      valueCases[engine].map(({ schema }, index) => [`c${index}`, schema.nullable()]),
    );
    const things = table('things', { id: integer(), ...declared });
    const pipeline = compilePipeline(
      definePipeline({
        name: 'values',
        sides: { [fresh.side]: sides[engine](fresh.url), other: sides[engine](fresh.url) },
        entities: {
          things: entity({
            tables: { [fresh.side]: things, other: things },
            columns: Object.fromEntries(Object.keys(declared).map((name) => [name, name])),
            direction: 'one_way',
            sourceColumn: null,
          }),
        },
      }),
    );
    route = pipeline.route('things', fresh.side)!;
    for (const [index, { column, value }] of cases.entries())
      await database.transaction((tx) =>
        tx.insertRow({ ...route.source, clock: null }, String(index), { [column]: value }, { clock: null }),
      );
    kafka = testKafka('values');
    topic = await captureTable(fresh, 'things', kafka);
    await topic.count(cases.length);
    await fresh.query('UPDATE things SET touched = 1');
    await topic.count(2 * cases.length);
  }, 240_000);
  afterAll(async () => {
    await topic?.[Symbol.asyncDispose]();
    await fresh?.[Symbol.asyncDispose]();
  });

  const events = (index: number): ChangeEvent[] =>
    topic.records.flatMap((record) => {
      const parsed = parseRecord(record);
      if (parsed.kind !== 'change') throw new Error(`a record is ${parsed.kind}`);
      const options = { epoch: 1, keyValue: keyValueOf(route.source) };
      const event = toChangeEvent(parsed.change, capturedTable(route), options);
      return event?.primary_key === String(index) ? [changeEvent.parse(event)] : [];
    });

  test.each(cases.map((each, index) => ({ ...each, index, shown: String(each.value).slice(0, 40) })))(
    '$type as $kind: $shown',
    async ({ type, column, value, index }) => {
      const [read, update] = events(index);
      expect([read?.operation, read?.snapshot, update?.operation, update?.snapshot]).toEqual([
        'CREATE',
        true,
        'UPDATE',
        false,
      ]);
      const known = differing[engine][`${type} ${String(value)}`];
      for (const event of [read!, update!]) {
        const settled = await settledEvent(database, route, event);
        const mapped = () => transformChange(route, settled).row?.[column];
        if (known instanceof RegExp) expect(mapped).toThrow(known);
        else expect(mapped()).toBe(known ?? value);
      }
    },
  );
});
