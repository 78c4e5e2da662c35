import { describe, expect, test } from '@jest/globals';
import type { ColumnDescription } from '../../src/database/contract.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import { freshDatabase } from '../support/databases.ts';
import { compiledTable } from '../support/tables.ts';

type Expected = Record<string, Partial<ColumnDescription> & { type: string }>;

interface Case {
  statements: readonly string[];
  columns: Expected;
}

const plain: Omit<ColumnDescription, 'name' | 'type'> = {
  nullable: true,
  hasDefault: false,
  maxLength: null,
  lengthUnit: null,
  precision: null,
  scale: null,
  unsigned: false,
  fraction: null,
  labels: null,
};

const cases: Record<Engine, Case> = {
  postgres: {
    statements: [
      "CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy')",
      'CREATE DOMAIN short AS varchar(7) NOT NULL',
      'CREATE DOMAIN shorter AS short',
      'CREATE DOMAIN price AS numeric(9, 3) DEFAULT 0',
      `CREATE TABLE described (
        id bigint GENERATED ALWAYS AS IDENTITY, dropped int, s smallint NOT NULL, i int DEFAULT 5,
        v varchar(12), c char(3), t text, b bytea, n numeric, n2 numeric(12, 2), n3 numeric(3, -2),
        r real, d double precision, f boolean, u uuid, day date, ti time(3), ts timestamp, tz timestamptz(0),
        js json, jb jsonb, m mood, a int[], x shorter, y price, g int GENERATED ALWAYS AS (5) STORED)`,
      'ALTER TABLE described DROP COLUMN dropped',
    ],
    columns: {
      id: { type: 'bigint', nullable: false, hasDefault: true },
      s: { type: 'smallint', nullable: false },
      i: { type: 'integer', hasDefault: true },
      v: { type: 'character varying', maxLength: 12, lengthUnit: 'character' },
      c: { type: 'character', maxLength: 3, lengthUnit: 'character' },
      t: { type: 'text' },
      b: { type: 'bytea' },
      n: { type: 'numeric' },
      n2: { type: 'numeric', precision: 12, scale: 2 },
      n3: { type: 'numeric', precision: 3, scale: -2 },
      r: { type: 'real' },
      d: { type: 'double precision' },
      f: { type: 'boolean' },
      u: { type: 'uuid' },
      day: { type: 'date' },
      ti: { type: 'time without time zone', fraction: 3 },
      ts: { type: 'timestamp without time zone', fraction: 6 },
      tz: { type: 'timestamp with time zone', fraction: 0 },
      js: { type: 'json' },
      jb: { type: 'jsonb' },
      m: { type: 'mood', labels: ['sad', "it's ok", 'happy'] },
      a: { type: 'integer[]' },
      x: { type: 'character varying', nullable: false, maxLength: 7, lengthUnit: 'character' },
      y: { type: 'numeric', hasDefault: true, precision: 9, scale: 3 },
      g: { type: 'integer', hasDefault: true },
    },
  },
  mysql: {
    statements: [
      `CREATE TABLE described (
        id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, s SMALLINT NOT NULL, i INT DEFAULT 5, ti1 TINYINT(1),
        v VARCHAR(12), c CHAR(3), t TEXT, l LONGTEXT, vb VARBINARY(9), bl BLOB, n2 DECIMAL(12, 2) UNSIGNED,
        f FLOAT, d DOUBLE, bi BIT(3), day DATE, ti TIME(3), dt DATETIME(6), ts TIMESTAMP NULL, y YEAR,
        js JSON, e ENUM('a', 'it''s', 'x,y'), st SET('p', 'q'), u CHAR(36) DEFAULT (UUID()),
        g INT GENERATED ALWAYS AS (5) STORED)`,
    ],
    columns: {
      id: { type: 'bigint unsigned', nullable: false, hasDefault: true, unsigned: true },
      s: { type: 'smallint', nullable: false },
      i: { type: 'int', hasDefault: true },
      ti1: { type: 'tinyint' },
      v: { type: 'varchar', maxLength: 12, lengthUnit: 'character' },
      c: { type: 'char', maxLength: 3, lengthUnit: 'character' },
      t: { type: 'text', maxLength: 65_535, lengthUnit: 'byte' },
      l: { type: 'longtext', maxLength: 4_294_967_295, lengthUnit: 'byte' },
      vb: { type: 'varbinary', maxLength: 9, lengthUnit: 'byte' },
      bl: { type: 'blob', maxLength: 65_535, lengthUnit: 'byte' },
      n2: { type: 'decimal unsigned', unsigned: true, precision: 12, scale: 2 },
      f: { type: 'float' },
      d: { type: 'double' },
      bi: { type: 'bit', precision: 3 },
      day: { type: 'date' },
      ti: { type: 'time', fraction: 3 },
      dt: { type: 'datetime', fraction: 6 },
      ts: { type: 'timestamp', fraction: 0 },
      y: { type: 'year' },
      js: { type: 'json' },
      e: { type: 'enum', labels: ['a', "it's", 'x,y'] },
      st: { type: 'set', labels: ['p', 'q'] },
      u: { type: 'char', hasDefault: true, maxLength: 36, lengthUnit: 'character' },
      g: { type: 'int', hasDefault: true },
    },
  },
};

describe.each(Object.keys(cases) as Engine[])('describe on %s', (engine) => {
  test('every column as it stands', async () => {
    await using fresh = await freshDatabase(engine);
    const { statements, columns } = cases[engine];
    for (const statement of statements) await fresh.query(statement);
    const described = await fresh.open().describe(compiledTable(fresh, 'described', {}));
    const expected = Object.entries(columns).map(([name, column]) => [name, { name, ...plain, ...column }]);
    expect(Object.fromEntries(described)).toEqual(Object.fromEntries(expected));
    expect([...described.keys()]).toEqual(Object.keys(columns));
  });
});
