import * as c from '../../src/pipeline/columns.ts';
import type { ColumnSchema } from '../../src/pipeline/columns.ts';
import type { Engine } from '../../src/pipeline/define.ts';

/** One column of one database type: values it holds, and values it must refuse, each with what the refusal says. */
export interface ValueCase {
  type: string;
  schema: ColumnSchema;
  holds: readonly (string | boolean)[];
  refuses: readonly (readonly [string | boolean, RegExp])[];
}

const emoji = '😀👩‍👩‍👧';
const texts = ['', ' ', 'a', emoji, `'"\``, '\\', "\\'; --", '\n\r\t', 'é\u0301', '%_', '$1 ?', 'NULL', '0'];
const float32 = String(Math.fround(0.1));
const doubles = ['0', '1.5', '0.1', '5e-324', '1.7976931348623157e+308', '-1e+23', '9007199254740993e0'].map(
  (text) => String(Number(text)),
);
const reals = [
  '0',
  '-1.5',
  float32,
  '16777216',
  String(Math.fround(3.4028235e38)),
  String(Math.fround(1e-45)),
];
const uuid = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';
const documents = [
  '{}',
  '[]',
  'null',
  '"text"',
  '{"a":{"b":[1,null,true,"😀\\"\\\\"]},"z":""}',
  '9223372036854775807',
  '18446744073709551615',
  '[0.1,-1.5,100000000000000000000,1.5]',
  '{"":1,"__proto__":{"x":1},"constructor":2}',
];
const halfPair = '\ud83d';

const postgres: ValueCase[] = [
  {
    type: 'smallint',
    schema: c.integer(),
    holds: ['-32768', '0', '32767'],
    refuses: [['32768', /out of the range of smallint/]],
  },
  {
    type: 'integer',
    schema: c.integer(),
    holds: ['-2147483648', '2147483647'],
    refuses: [['2147483648', /out of the range/]],
  },
  {
    type: 'bigint',
    schema: c.integer(),
    holds: ['-9223372036854775808', '9223372036854775807', '9007199254740993'],
    refuses: [['18446744073709551615', /out of the range of bigint/]],
  },
  {
    type: 'numeric(20)',
    schema: c.integer(),
    holds: ['18446744073709551615'],
    refuses: [['100000000000000000000', /too large for numeric\(20,0\)/]],
  },
  {
    type: 'numeric',
    schema: c.decimal(),
    holds: [
      '0',
      '-12345678901234567890.12345678901234567891',
      '0.000000000000000000000000000001',
      'NaN',
      'Infinity',
      '-Infinity',
      `1${'0'.repeat(400)}`,
    ],
    refuses: [],
  },
  {
    type: 'numeric(10,2)',
    schema: c.decimal(),
    holds: ['99999999.99', '-0.01', '0', 'NaN'],
    refuses: [
      ['1.005', /3 decimals is finer than numeric\(10,2\)/],
      ['100000000', /9 digits before the point is too large/],
      ['Infinity', /an infinity in numeric/],
    ],
  },
  {
    type: 'numeric(5,-2)',
    schema: c.decimal(),
    holds: ['1200', '9999900'],
    refuses: [
      ['1250', /finer/],
      ['10000000', /too large/],
    ],
  },
  {
    type: 'double precision',
    schema: c.double(),
    holds: [...doubles, '-0', 'NaN', 'Infinity', '-Infinity'],
    refuses: [],
  },
  { type: 'real', schema: c.real(), holds: [...reals, '-0', 'NaN', 'Infinity', '-Infinity'], refuses: [] },
  { type: 'real', schema: c.double(), holds: ['1.5'], refuses: [['0.1', /a real would round/]] },
  {
    type: 'numeric(8,3)',
    schema: c.double(),
    holds: ['1.5', '-0.125'],
    refuses: [
      ['-0', /negative zero/],
      ['0.0001', /finer/],
    ],
  },
  { type: 'boolean', schema: c.boolean(), holds: [true, false], refuses: [] },
  { type: 'smallint', schema: c.boolean(), holds: [true, false], refuses: [] },
  {
    type: 'text',
    schema: c.text(),
    holds: texts,
    refuses: [
      ['a\0b', /NUL character/],
      [halfPair, /surrogate/],
    ],
  },
  {
    type: 'varchar(4)',
    schema: c.text(),
    holds: ['', '😀😀😀😀', 'ab  '],
    refuses: [
      ['abcde', /^column c\d+: text of 5 characters is longer than character varying\(4\)$/],
      ['abc  ', /text of 5 characters/],
    ],
  },
  {
    type: 'char(4)',
    schema: c.text(),
    holds: ['abcd', '    '],
    refuses: [['abcde', /longer than character\(4\)/]],
  },
  {
    type: 'mood',
    schema: c.text(),
    holds: ['sad', "it's", ''],
    refuses: [
      ['glad', /none of the labels of mood/],
      ['SAD', /none of the labels/],
    ],
  },
  {
    type: 'bytea',
    schema: c.bytes(),
    holds: ['', 'AA==', '/wAB', Buffer.from(emoji).toString('base64')],
    refuses: [],
  },
  {
    type: 'bit(12)',
    schema: c.bits(),
    holds: ['0', '1', '101000000001'],
    refuses: [['1000000000000', /13 bits/]],
  },
  { type: 'bit varying(12)', schema: c.bits(), holds: ['0', '101'], refuses: [['1000000000000', /13 bits/]] },
  { type: 'uuid', schema: c.uuid(), holds: [uuid, '00000000-0000-0000-0000-000000000000'], refuses: [] },
  { type: 'char(36)', schema: c.uuid(), holds: [uuid], refuses: [] },
  { type: 'bytea', schema: c.uuid(), holds: [uuid], refuses: [] },
  { type: 'varchar(32)', schema: c.uuid(), holds: [], refuses: [[uuid, /36 characters is longer/]] },
  {
    type: 'date',
    schema: c.date(),
    holds: [
      '1850-02-03',
      '0001-01-01',
      '-0043-03-15',
      '0000-02-29',
      '-4713-11-24',
      '9999-12-31',
      '+12345-01-02',
      '+5874897-12-31',
      'infinity',
      '-infinity',
    ],
    refuses: [
      ['0000-00-00', /zero date/],
      ['2020-00-15', /zero date/],
      ['2023-02-29', /no calendar/],
      ['-4713-11-23', /outside 4714-11-24 BC/],
      ['+5874898-01-01', /outside/],
    ],
  },
  {
    type: 'time',
    schema: c.time(),
    holds: ['00:00:00', '12:34:56.123456', '23:59:59.999999', '24:00:00'],
    refuses: [
      ['25:00:00', /outside 00:00:00 to 24:00:00/],
      ['-01:00:00', /outside/],
      ['100:00:00', /outside/],
      ['24:00:00.5', /outside/],
    ],
  },
  {
    type: 'time(3)',
    schema: c.time(),
    holds: ['12:34:56.123'],
    refuses: [['12:34:56.1234', /4 digits of fractional seconds is finer than the 3/]],
  },
  {
    type: 'timestamp',
    schema: c.timestamp(),
    holds: [
      '1850-02-03T01:02:03.000001',
      '-0043-03-15T01:02:03',
      '+294276-12-31T23:59:59.999999',
      'infinity',
      '-infinity',
      '2024-02-29T23:59:59.9',
    ],
    refuses: [
      ['0000-00-00T00:00:00', /zero date/],
      ['+294277-01-01T00:00:00', /outside/],
    ],
  },
  {
    type: 'timestamp(0)',
    schema: c.timestamp(),
    holds: ['2020-01-01T00:00:00'],
    refuses: [['2020-01-01T00:00:00.5', /finer/]],
  },
  {
    type: 'timestamptz',
    schema: c.timestamptz(),
    holds: [
      '1850-02-03T01:02:03.000001Z',
      '-0043-03-15T01:02:03Z',
      '2024-06-01T12:00:00.123456Z',
      'infinity',
      '-infinity',
    ],
    refuses: [['0000-00-00T00:00:00Z', /zero date/]],
  },
  {
    type: 'jsonb',
    schema: c.json(),
    holds: [...documents, '0.12345678901234567890123456789', '1e400'.replace(/e400/, '0'.repeat(400))],
    refuses: [
      ['"\\u0000"', /NUL/],
      ['"\\ud83d"', /surrogate/],
    ],
  },
  { type: 'json', schema: c.json(), holds: [...documents, '"\\u0000"', '"\\\\u0000"'], refuses: [] },
  { type: 'text', schema: c.json(), holds: documents, refuses: [] },
  {
    type: 'int[]',
    schema: c.array(),
    holds: ['[]', '["1",null,"-3"]', '[["1","2"],["3","4"]]'],
    refuses: [],
  },
  {
    type: 'text[]',
    schema: c.array(),
    holds: ['["","NULL","null",null,"a,b","{}","\\"q\\\\","😀"," "]'],
    refuses: [['["\\u0000"]', /NUL/]],
  },
  { type: 'date[]', schema: c.array(), holds: ['["1850-02-03",null,"0044-03-15 BC"]'], refuses: [] },
  { type: 'timestamp[]', schema: c.array(), holds: ['["2020-01-01T00:00:00.12"]'], refuses: [] },
  { type: 'numeric[]', schema: c.array(), holds: ['["1.10","12345678901234567890.5"]'], refuses: [] },
  { type: 'double precision[]', schema: c.array(), holds: ['["0.1","-0","NaN","1e+300"]'], refuses: [] },
  { type: 'bytea[]', schema: c.array(), holds: ['["\\\\x00ff"]'], refuses: [] },
  { type: 'uuid[]', schema: c.array(), holds: [`["${uuid}"]`], refuses: [] },
  { type: 'boolean[]', schema: c.array(), holds: ['["true","false",null]'], refuses: [] },
  { type: 'inet', schema: c.text(), holds: ['10.0.0.0/8', '::1'], refuses: [['nonsense', /./]] },
];

const mysql: ValueCase[] = [
  {
    type: 'TINYINT',
    schema: c.integer(),
    holds: ['-128', '127'],
    refuses: [['128', /out of the range of tinyint/]],
  },
  {
    type: 'TINYINT UNSIGNED',
    schema: c.integer(),
    holds: ['0', '255'],
    refuses: [['-1', /out of the range of tinyint unsigned/]],
  },
  {
    type: 'MEDIUMINT',
    schema: c.integer(),
    holds: ['-8388608', '8388607'],
    refuses: [['8388608', /out of the range/]],
  },
  {
    type: 'INT',
    schema: c.integer(),
    holds: ['-2147483648', '2147483647'],
    refuses: [['2147483648', /out of the range/]],
  },
  {
    type: 'BIGINT',
    schema: c.integer(),
    holds: ['-9223372036854775808', '9223372036854775807', '9007199254740993'],
    refuses: [['9223372036854775808', /out of the range/]],
  },
  {
    type: 'BIGINT UNSIGNED',
    schema: c.integer(),
    holds: ['0', '18446744073709551615'],
    refuses: [
      ['-1', /out of the range/],
      ['18446744073709551616', /out of the range/],
    ],
  },
  {
    type: 'YEAR',
    schema: c.integer(),
    holds: ['0', '1901', '2155'],
    refuses: [
      ['1900', /out of the range of year/],
      ['2156', /out of/],
    ],
  },
  {
    type: 'DECIMAL(65,30)',
    schema: c.decimal(),
    holds: [
      '0',
      '-12345678901234567890123456789012345.123456789012345678901234567891',
      '0.000000000000000000000000000001',
    ],
    refuses: [
      ['NaN', /NaN or an infinity/],
      ['-Infinity', /NaN or an infinity/],
      [`1${'0'.repeat(35)}`, /36 digits before the point/],
    ],
  },
  {
    type: 'DECIMAL(10,2)',
    schema: c.decimal(),
    holds: ['99999999.99', '-0.01'],
    refuses: [['1.005', /3 decimals is finer than decimal\(10,2\)/]],
  },
  {
    type: 'DECIMAL(10,2) UNSIGNED',
    schema: c.decimal(),
    holds: ['1'],
    refuses: [['-0.01', /a negative number in decimal unsigned/]],
  },
  { type: 'INT', schema: c.decimal(), holds: ['7'], refuses: [['7.5', /decimals in int/]] },
  {
    type: 'DOUBLE',
    schema: c.double(),
    holds: [...doubles, '-0'],
    refuses: [
      ['NaN', /NaN or an infinity/],
      ['Infinity', /NaN or/],
      ['-Infinity', /NaN or/],
    ],
  },
  {
    type: 'FLOAT',
    schema: c.real(),
    holds: [...reals, '123456.7890625', '-0'],
    refuses: [['NaN', /NaN or an infinity/]],
  },
  { type: 'FLOAT', schema: c.double(), holds: ['1.5'], refuses: [['0.1', /a float would round/]] },
  {
    type: 'DECIMAL(8,3)',
    schema: c.double(),
    holds: ['1.5'],
    refuses: [
      ['-0', /negative zero/],
      ['0.0001', /finer/],
    ],
  },
  { type: 'TINYINT(1)', schema: c.boolean(), holds: [true, false], refuses: [] },
  { type: 'BIT(1)', schema: c.boolean(), holds: [true, false], refuses: [] },
  {
    type: 'BIT(12)',
    schema: c.bits(),
    holds: ['0', '1', '101000000001'],
    refuses: [['1000000000000', /13 bits are more than bit\(12\)/]],
  },
  { type: 'BIT(64)', schema: c.bits(), holds: ['1'.repeat(64)], refuses: [] },
  {
    type: 'LONGTEXT',
    schema: c.text(),
    holds: [...texts, 'a\0b', 'trailing  '],
    refuses: [[halfPair, /surrogate/]],
  },
  {
    type: 'TINYTEXT',
    schema: c.text(),
    holds: ['a'.repeat(255)],
    refuses: [['😀'.repeat(64), /text of 256 bytes is longer than tinytext\(255\)/]],
  },
  {
    type: 'VARCHAR(4)',
    schema: c.text(),
    holds: ['', '😀😀😀😀', 'ab  '],
    refuses: [
      ['abcde', /^column c\d+: text of 5 characters is longer than varchar\(4\)$/],
      ['abc  ', /text of 5/],
    ],
  },
  { type: 'VARCHAR(10) CHARACTER SET latin1', schema: c.text(), holds: ['é'], refuses: [['😀', /./]] },
  {
    type: 'CHAR(4)',
    schema: c.text(),
    holds: ['', 'ab', 'abcd'],
    refuses: [['abcde', /longer than char\(4\)/]],
  },
  {
    type: `ENUM('a','b','it''s','')`,
    schema: c.text(),
    holds: ['a', "it's", ''],
    refuses: [
      ['A', /none of the labels/],
      ['1', /none of the labels/],
      ['c', /none of the labels/],
    ],
  },
  {
    type: `SET('x','y','z')`,
    schema: c.text(),
    holds: ['', 'x', 'x,z'],
    refuses: [
      ['z,x', /not in its order/],
      ['w', /none of the labels of set/],
    ],
  },
  {
    type: 'LONGBLOB',
    schema: c.bytes(),
    holds: ['', 'AA==', '/wAB', Buffer.from(emoji).toString('base64')],
    refuses: [],
  },
  {
    type: 'VARBINARY(2)',
    schema: c.bytes(),
    holds: ['', 'AP8='],
    refuses: [['/wAB', /3 bytes are more than varbinary\(2\)/]],
  },
  { type: 'BINARY(2)', schema: c.bytes(), holds: ['AP8='], refuses: [['/w==', /would fill up with zeros/]] },
  { type: 'CHAR(36)', schema: c.uuid(), holds: [uuid], refuses: [] },
  { type: 'BINARY(16)', schema: c.uuid(), holds: [uuid], refuses: [] },
  { type: 'BINARY(8)', schema: c.uuid(), holds: [], refuses: [[uuid, /UUID of 16 bytes in binary\(8\)/]] },
  {
    type: 'DATE',
    schema: c.date(),
    holds: ['1850-02-03', '1000-01-01', '9999-12-31', '0000-00-00', '2020-00-15'],
    refuses: [
      ['0850-01-01', /outside 1000-01-01/],
      ['+10000-01-01', /outside/],
      ['-0043-03-15', /outside/],
      ['infinity', /infinite/],
      ['2023-02-29', /no calendar/],
    ],
  },
  {
    type: 'TIME(6)',
    schema: c.time(),
    holds: ['00:00:00', '12:34:56.123456', '24:00:00', '838:59:59', '-838:59:59', '-00:00:00.5'],
    refuses: [
      ['839:00:00', /outside -838:59:59/],
      ['838:59:59.1', /outside/],
    ],
  },
  {
    type: 'TIME',
    schema: c.time(),
    holds: ['-25:01:02'],
    refuses: [['12:34:56.5', /finer than the 0 of time/]],
  },
  {
    type: 'DATETIME(6)',
    schema: c.timestamp(),
    holds: ['1850-02-03T01:02:03.000001', '9999-12-31T23:59:59.999999', '0000-00-00T00:00:00'],
    refuses: [
      ['0999-12-31T00:00:00', /outside/],
      ['infinity', /infinite/],
    ],
  },
  {
    type: 'DATETIME',
    schema: c.timestamp(),
    holds: ['2020-01-01T00:00:00'],
    refuses: [['2020-01-01T00:00:00.5', /finer than the 0 of datetime/]],
  },
  {
    type: 'TIMESTAMP(6) NULL',
    schema: c.timestamptz(),
    holds: [
      '1970-01-01T00:00:01Z',
      '2038-01-19T03:14:07.999999Z',
      '2024-06-01T12:00:00.123456Z',
      '0000-00-00T00:00:00Z',
    ],
    refuses: [
      ['1970-01-01T00:00:00Z', /the range of timestamp/],
      ['2038-01-19T03:14:08Z', /the range of timestamp/],
      ['1850-01-01T00:00:00Z', /the range/],
    ],
  },
  {
    type: 'DATETIME(6)',
    schema: c.timestamptz(),
    holds: ['1850-02-03T01:02:03.000001Z', '2200-01-01T00:00:00Z'],
    refuses: [],
  },
  {
    type: 'JSON',
    schema: c.json(),
    holds: [...documents, '"\\u0000"', '1e300'.replace(/e300/, '0'.repeat(300))],
    refuses: [
      ['0.12345678901234567890123456789', /a number that MySQL would round/],
      ['18446744073709551617', /would round/],
      [`1${'0'.repeat(400)}`, /would round/],
      ['"\\ud83d"', /surrogate/],
      [`${'['.repeat(101)}${']'.repeat(101)}`, /nested deeper than 100/],
    ],
  },
  {
    type: 'LONGTEXT',
    schema: c.json(),
    holds: [...documents, '0.12345678901234567890123456789'],
    refuses: [],
  },
  { type: 'JSON', schema: c.array(), holds: ['[]', '["1",null,[["a"],null]]'], refuses: [] },
];

export const valueCases: Record<Engine, readonly ValueCase[]> = { postgres, mysql };

/** What the cases' columns need beforehand. */
export const valueCaseSchema: Record<Engine, readonly string[]> = {
  postgres: [`CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s', '')`],
  mysql: [],
};
