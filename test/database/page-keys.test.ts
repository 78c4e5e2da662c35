import { expect, test } from '@jest/globals';
import { bytes, date, decimal, enumeration, integer, text, uuid } from '../../src/pipeline/columns.ts';
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
