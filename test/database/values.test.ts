import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Row, Value } from '../../src/change/value.ts';
import type { Transaction } from '../../src/database/contract.ts';
import type { LedgerDatabase } from '../../src/database/engine-database.ts';
import { groupedDatabase } from '../../src/database/grouped/grouped-database.ts';
import { SyncError } from '../../src/errors/sync-error.ts';
import { bytes, integer, text } from '../../src/pipeline/columns.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import type { CompiledTable } from '../../src/pipeline/route.ts';
import { freshDatabase } from '../support/databases.ts';
import type { TestDatabase } from '../support/databases.ts';
import { compiledTable } from '../support/tables.ts';
import { valueCases, valueCaseSchema } from '../support/value-cases.ts';

const engines = Object.keys(valueCases) as Engine[];
const unmarked = { clock: null };
const noMarks = { clock: null, sourceColumn: null };
const large: Record<Engine, { text: string; bytes: string }> = {
  postgres: { text: 'text', bytes: 'bytea' },
  mysql: { text: 'LONGTEXT', bytes: 'LONGBLOB' },
};

describe.each(engines)('values on %s', (engine) => {
  const cases = valueCases[engine].map((each, index) => ({ ...each, column: `c${index}` }));
  let fresh: TestDatabase;
  let database: LedgerDatabase;
  let keys = 0;

  /** A table of the key and this one column. */
  const tableOf = (
    column: string,
    schema = cases.find((each) => each.column === column)!.schema,
  ): CompiledTable => compiledTable(fresh, 'things', { id: integer(), [column]: schema.nullable() }, noMarks);

  const insert = (table: CompiledTable, values: Record<string, Value>): Promise<string> => {
    keys += 1;
    return database.transaction((tx) => tx.insertRow(table, String(keys), values, unmarked));
  };
  const stored = async (table: CompiledTable, key: string, column: string): Promise<Value | undefined> =>
    (await database.findRow(table, key))?.values[column];

  beforeAll(async () => {
    fresh = await freshDatabase(engine);
    for (const statement of valueCaseSchema[engine]) await fresh.query(statement);
    const columns = cases.map(({ column, type }) => `${column} ${type}`);
    const wide = Object.entries(large[engine]).map(([name, type]) => `large_${name} ${type}`);
    await fresh.query(`CREATE TABLE things (id bigint PRIMARY KEY, ${[...columns, ...wide].join(', ')})`);
    database = fresh.open();
  });
  afterAll(async () => {
    await fresh[Symbol.asyncDispose]();
  });

  test.each(cases)('$type as $schema._zod.def.type holds its values ($column)', async ({ column, holds }) => {
    const table = tableOf(column);
    const empty = await insert(table, { [column]: null });
    expect(await stored(table, empty, column)).toBeNull();
    for (const value of holds) {
      const key = await insert(table, { [column]: value });
      expect(await stored(table, key, column)).toBe(value);
      await database.transaction((tx) => tx.updateRow(table, empty, { [column]: value }, unmarked));
      expect(await stored(table, empty, column)).toBe(value);
    }
  });

  test.each(cases)(
    '$type holds its values where many rows are updated at once ($column)',
    async ({ column, holds }) => {
      const table = tableOf(column);
      const keys: string[] = [];
      for (const value of [...holds, null]) keys.push(await insert(table, { [column]: value }));
      const values = [null, ...holds];
      await database.bulk.transaction((tx) =>
        tx.updateRows(
          table,
          keys.map((key, at) => ({ key, values: { [column]: values[at]! }, marks: unmarked })),
        ),
      );
      const found = await Promise.all(keys.map((key) => stored(table, key, column)));
      expect(found).toEqual(values);
    },
  );

  test.each(cases.filter(({ refuses }) => refuses.length > 0))(
    '$type refuses what it cannot hold ($column)',
    async ({ column, refuses }) => {
      const table = tableOf(column);
      for (const [value, reason] of refuses) {
        const error = await insert(table, { [column]: value }).catch((error: unknown) => error);
        expect(error).toBeInstanceOf(SyncError);
        expect(error).toMatchObject({ errorClass: 'data', message: expect.stringMatching(reason) });
        expect(await database.findRow(table, String(keys))).toBeNull();
        if (reason.source !== '.') {
          expect(error).toMatchObject({ column });
          if (typeof value === 'string' && value.length > 3) expect(String(error)).not.toContain(value);
        }
      }
    },
  );

  test('a column that is not nullable refuses null by name', async () => {
    await fresh.query('CREATE TABLE strict_things (id bigint PRIMARY KEY, name varchar(10) NOT NULL)');
    const table = compiledTable(fresh, 'strict_things', { id: integer(), name: text() }, noMarks);
    await expect(insert(table, { name: null })).rejects.toMatchObject({
      errorClass: 'data',
      column: 'name',
      message: 'column name: null in a column that is not nullable',
    });
  });

  test('keys past 2^53 tell rows apart', async () => {
    const type = engine === 'mysql' ? 'BIGINT UNSIGNED' : 'numeric(20)';
    await fresh.query(`CREATE TABLE wide_keys (id ${type} PRIMARY KEY, name varchar(20))`);
    const table = compiledTable(fresh, 'wide_keys', { id: integer(), name: text() }, noMarks);
    const keys = [
      '9223372036854775806',
      '9223372036854775807',
      '18446744073709551614',
      '18446744073709551615',
    ];
    for (const key of keys)
      await database.transaction((tx) => tx.insertRow(table, key, { name: key }, unmarked));
    await database.transaction((tx) => tx.deleteRow(table, keys[2]!));
    const found = await Promise.all(keys.map(async (key) => (await database.findRow(table, key))?.values));
    expect(found).toEqual(keys.map((key, at) => (at === 2 ? undefined : { id: key, name: key })));
  });

  test('rows that have more values together than a statement takes', async () => {
    const names = Array.from({ length: 150 }, (_, at) => `w${at}`);
    await fresh.query(
      `CREATE TABLE broad (id bigint PRIMARY KEY, ${names.map((name) => `${name} integer`).join(', ')})`,
    );
    const columns = Object.fromEntries(names.map((name) => [name, integer()]));
    const table = compiledTable(fresh, 'broad', { id: integer(), ...columns }, noMarks);
    const keys = Array.from({ length: 500 }, (_, at) => String(at));
    const together = (
      value: string,
      write: (tx: Transaction, key: string, values: Row) => Promise<unknown>,
    ) => {
      const grouped = groupedDatabase(database);
      const values = Object.fromEntries(names.map((name) => [name, value]));
      return Promise.all(keys.map((key) => grouped.transaction((tx) => write(tx, key, values))));
    };
    const holding = async (value: string) => {
      const [count] = await fresh.query(
        `SELECT count(*) AS n FROM broad WHERE w0 = ${value} AND w149 = ${value}`,
      );
      return Number(count!['n']);
    };
    await together('1', (tx, key, values) => tx.insertRow(table, key, values, unmarked));
    expect(await holding('1')).toBe(500);
    await together('2', (tx, key, values) => tx.updateRow(table, key, values, unmarked));
    expect(await holding('2')).toBe(500);
  });

  test.each([1, 4, 20])('text and bytes of %i MB', async (megabytes) => {
    const long = 'é😀\\"\''.repeat((megabytes * 1_048_576) / 9);
    const base64 = Buffer.from(long).toString('base64');
    const table = compiledTable(
      fresh,
      'things',
      { id: integer(), large_text: text().nullable(), large_bytes: bytes().nullable() },
      noMarks,
    );
    const first = await insert(table, { large_text: long, large_bytes: null });
    await database.transaction((tx) =>
      tx.updateRow(table, first, { large_text: null, large_bytes: base64 }, unmarked),
    );
    expect((await stored(table, first, 'large_bytes')) === base64).toBe(true);
    await database.transaction((tx) =>
      tx.updateRow(table, first, { large_text: long, large_bytes: null }, unmarked),
    );
    expect((await stored(table, first, 'large_text')) === long).toBe(true);
  });
});
