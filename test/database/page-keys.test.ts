import { expect, test } from '@jest/globals';
import {
  bytes,
  date,
  decimal,
  enumeration,
  integer,
  text,
  timestamptz,
  uuid,
} from '../../src/pipeline/columns.ts';
import type { ChangedAfter } from '../../src/database/contract.ts';
import type { ColumnSchema } from '../../src/pipeline/columns.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { freshDatabase } from '../support/databases.ts';
import { compiledTable } from '../support/tables.ts';

const bare = { clock: null, sourceColumn: null };
const labels = enumeration('zebra', 'ant', 'mouse');
const enumType: Record<Engine, string> = { postgres: 'animal', mysql: "ENUM ('zebra', 'ant', 'mouse')" };
const wide = (n: number) => String(9_007_199_254_740_990n + BigInt(n));

type Keys = readonly (readonly string[])[];
const cases: [string, Record<string, ColumnSchema>, (engine: Engine) => Record<string, string>, Keys][] = [
  [
    'integers that no double tells apart',
    { a: integer() },
    () => ({ a: 'BIGINT' }),
    Array.from({ length: 9 }, (_, n) => [wide(n)]),
  ],
  [
    'several columns',
    { a: integer(), b: text() },
    () => ({ a: 'INT', b: 'VARCHAR(20)' }),
    ['1', '2', '3'].flatMap((a) => ['x', 'y', "z'\\"].map((b) => [a, b])),
  ],
  [
    'labels',
    { a: labels, b: integer() },
    (engine) => ({ a: enumType[engine], b: 'INT' }),
    ['zebra', 'ant', 'mouse'].flatMap((a) => ['1', '2'].map((b) => [a, b])),
  ],
  [
    'decimals',
    { a: decimal() },
    () => ({ a: 'DECIMAL(30, 4)' }),
    Array.from({ length: 9 }, (_, n) => [`12345678901234567890.000${n + 1}`]),
  ],
  [
    'dates and bytes',
    { a: date(), b: bytes() },
    (engine) => ({ a: 'DATE', b: engine === 'postgres' ? 'BYTEA' : 'VARBINARY(8)' }),
    ['2026-01-08', '1999-12-31'].flatMap((a) => ['AAE=', '/wA=', ''].map((b) => [a, b])),
  ],
  [
    'UUIDs',
    { a: uuid() },
    (engine) => ({ a: engine === 'postgres' ? 'UUID' : 'BINARY(16)' }),
    Array.from({ length: 6 }, (_, n) => [`${n}f1d2c1e-54c5-5f0e-9d3e-2f0f6f1b8a11`]),
  ],
];

test.each(
  (['postgres', 'mysql'] as const).flatMap((engine) => cases.map((each) => [engine, ...each] as const)),
)('%s: pages of one row give every key once: %s', async (engine, _name, columns, typesOf, keys) => {
  await using fresh = await freshDatabase(engine);
  const types = typesOf(engine);
  const names = Object.keys(columns);
  if (engine === 'postgres') await fresh.query("CREATE TYPE animal AS ENUM ('zebra', 'ant', 'mouse')");
  await fresh.query(
    `CREATE TABLE pages (${names.map((name) => `${name} ${types[name]} NOT NULL`).join(', ')}, PRIMARY KEY (${names.join(', ')}))`,
  );
  const table = compiledTable(fresh, 'pages', columns, { ...bare, key: names });
  const database = fresh.open();
  const made: string[] = [];
  for (const values of keys) {
    const row = Object.fromEntries(names.map((name, index) => [name, values[index]!]));
    const key = names.length === 1 ? values[0]! : JSON.stringify(values);
    made.push(await database.transaction((tx) => tx.insertRow(table, key, row, { clock: null })));
  }
  const all = await database.listKeys(table, { after: null, until: null, where: null, limit: null });
  expect(all.toSorted()).toEqual(made.toSorted());
  const paged: string[] = [];
  for (let after: string | null = null; paged.length <= made.length; after = paged.at(-1)!) {
    const page = await database.listKeys(table, { after, until: null, where: null, limit: 1 });
    if (page.length === 0) break;
    paged.push(...page);
  }
  expect(paged).toEqual(all);
  for (const [index, until] of all.entries())
    expect(await database.listKeys(table, { after: all[0]!, until, where: null, limit: null })).toEqual(
      all.slice(1, index + 1),
    );
});

test.each(['postgres', 'mysql'] as const)('%s: a condition of one’s own, comment and all', async (engine) => {
  await using fresh = await freshDatabase(engine);
  await fresh.query('CREATE TABLE pages (id INT PRIMARY KEY, name VARCHAR(20))');
  await fresh.query("INSERT INTO pages VALUES (1, 'a'), (2, 'b'), (3, 'a'), (4, 'b')");
  const table = compiledTable(fresh, 'pages', { id: integer(), name: text() }, bare);
  const database = fresh.open();
  const where = "name = 'a' OR id = 4 -- those";
  const list = (after: string | null) => database.listKeys(table, { after, until: null, where, limit: null });
  expect(await list(null)).toEqual(['1', '3', '4']);
  expect(await list('1')).toEqual(['3', '4']);
  expect(await database.countRows(table, where)).toBe(3);
  await expect(database.countRows(table, 'nothing = 1')).rejects.toMatchObject({ errorClass: 'schema' });
});

test.each(['postgres', 'mysql'] as const)(
  '%s: rows by the time of their last change, each once however few are read at a time',
  async (engine) => {
    await using fresh = await freshDatabase(engine);
    await fresh.query(
      `CREATE TABLE changing (a INT NOT NULL, b VARCHAR(20) NOT NULL, changed_at ${engine === 'mysql' ? 'TIMESTAMP' : 'TIMESTAMPTZ'} NOT NULL, PRIMARY KEY (a, b))`,
    );
    const columns = { a: integer(), b: text(), changed_at: timestamptz() };
    const table = compiledTable(fresh, 'changing', columns, { ...bare, key: ['a', 'b'] });
    const second = (n: number) => `2026-11-26T10:00:0${n}Z`;
    const rows = [3, 1, 1, 2, 1, 2].map((at, index) => ({
      a: String(index % 4),
      b: `b${index}`,
      changed_at: second(at),
    }));
    const database = fresh.open();
    for (const row of rows)
      await database.transaction((tx) =>
        tx.insertRow(table, JSON.stringify([row.a, row.b]), row, { clock: null }),
      );
    const expected = rows
      .map(({ a, b, changed_at: at }) => ({ key: JSON.stringify([a, b]), at }))
      .toSorted((x, y) => (x.at === y.at ? (x.key < y.key ? -1 : 1) : x.at < y.at ? -1 : 1));
    for (const limit of [1, 2, 100]) {
      const found: { key: string; at: string }[] = [];
      for (let after: ChangedAfter = { at: second(1), key: null }; ; after = found.at(-1)!) {
        const page = await database.listChanged(table, 'changed_at', after, limit);
        if (page.length === 0) break;
        found.push(...page);
      }
      expect(found).toEqual(expected);
    }
    expect(await database.listChanged(table, 'changed_at', { at: second(3), key: null }, 10)).toEqual(
      expected.slice(-1),
    );
  },
);
