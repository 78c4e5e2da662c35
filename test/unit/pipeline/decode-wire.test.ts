import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Value, WireValue } from '../../../src/change/value.ts';
import * as c from '../../../src/pipeline/columns.ts';
import type { ColumnKind } from '../../../src/pipeline/columns.ts';
import { decodeWire } from '../../../src/pipeline/decode-wire.ts';
import type { Engine } from '../../../src/pipeline/define.ts';
import type { CompiledColumn } from '../../../src/pipeline/route.ts';

const schemas: Record<ColumnKind, () => c.ColumnSchema> = c;

const column = (kind: ColumnKind): CompiledColumn => ({
  name: 'x',
  kind,
  nullable: true,
  schema: schemas[kind](),
});
const decode = (kind: ColumnKind, wire: WireValue, engine?: Engine): Value =>
  decodeWire(column(kind), wire, engine);

/** What the connectors write, and the canonical value of it; undefined where it is refused. */
const table: Record<ColumnKind, readonly (readonly [WireValue, Value | undefined, Engine?])[]> = {
  integer: [
    ['0', '0'],
    ['-0', '0'],
    ['007', '7'],
    ['9223372036854775807', '9223372036854775807'],
    ['18446744073709551615', '18446744073709551615'],
    ['AP//////////', '18446744073709551615'],
    ['AA==', '0'],
    ['fw==', '127'],
    ['1.0', undefined],
    ['1e3', undefined],
    ['/////////////w==', undefined],
    ['x', undefined],
    ['', undefined],
    [true, undefined],
  ],
  decimal: [
    ['12345678901234567890.12345678901234567890', '12345678901234567890.1234567890123456789'],
    ['1.500', '1.5'],
    ['-0.0', '0'],
    ['1E+3', '1000'],
    ['1.5E-7', '0.00000015'],
    ['NAN', 'NaN'],
    ['POSITIVE_INFINITY', 'Infinity'],
    ['NEGATIVE_INFINITY', '-Infinity'],
    ['.', undefined],
    ['1e999999999', undefined],
  ],
  double: [
    ['0.1', '0.1'],
    ['-0.0', '-0'],
    ['1.0E10', '10000000000'],
    ['9.999999999999999E22', '1e+23'],
    ['4.9E-324', '5e-324'],
    ['NaN', 'NaN'],
    ['-Infinity', '-Infinity'],
    ['Null', undefined],
  ],
  real: [
    ['0.1', '0.10000000149011612'],
    ['3.4028235E38', '3.4028234663852886e+38'],
    ['-0.0', '-0'],
  ],
  boolean: [
    [true, true],
    ['1', true],
    ['0', false],
    ['2', undefined],
    ['true', undefined],
  ],
  text: [
    ['', ''],
    ['😀', '😀'],
    [true, undefined],
    [{ x: '1.0' }, undefined],
  ],
  bytes: [
    ['', ''],
    ['AP8B', 'AP8B'],
    ['AP8', undefined],
    ['AP8*', undefined],
  ],
  bits: [
    [true, '1'],
    ['', '0'],
    ['AQo=', '101000000001'],
    ['AAAA', '0'],
    ['//////////8=', '1'.repeat(64)],
    ['1', undefined],
  ],
  uuid: [
    ['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['oO68mZwLTvi7bWu5vTgKEQ==', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['a0eebc99', undefined],
  ],
  date: [
    ['-43796', '1850-02-03'],
    ['0', '1970-01-01'],
    ['-735160', '-0043-03-15'],
    ['3789392', '+12345-01-02'],
    ['2146033979', 'infinity'],
    ['-2147472691', '-infinity'],
    ['-622191234', 'infinity'],
    ['-2440589', undefined],
    ['1850-02-03Z', '1850-02-03'],
    ['-0043-03-15Z', '-0043-03-15'],
    ['+5877611-06-21Z', 'infinity'],
    ['-5877611-06-22Z', '-infinity'],
    ['2020-13-01', undefined],
  ],
  time: [
    ['45296123456', '12:34:56.123456'],
    ['86400000000', '24:00:00'],
    ['-3020399000000', '-838:59:59'],
    ['-500000', '-00:00:00.5'],
    ['12:34:56.100Z', '12:34:56.1'],
    ['12:34', '12:34:00'],
    ['12:60:00', undefined],
    ['12:34:56.1234567', undefined],
  ],
  timestamp: [
    ['1577836800000001', '2020-01-01T00:00:00.000001'],
    ['-3783970677000000', '1850-02-03T01:02:03'],
    ['-63517820277000000', '-0043-03-15T01:02:03'],
    ['327403479845000000', '+12345-01-02T03:04:05'],
    ['9223372036854775807', 'infinity'],
    ['-9223372036854775808', '-infinity'],
    ['-9223372036853775810', undefined],
    ['2020-01-01T00:00:00.12Z', '2020-01-01T00:00:00.12'],
    ['+292278994-08-16T23:00:00Z', 'infinity'],
    ['-292275055-05-16T23:00:00Z', '-infinity'],
    ['2020-01-01', undefined],
    ['2020-01-01T00:00:00+02:00', undefined],
  ],
  timestamptz: [
    ['2020-06-01T10:00:00.123456Z', '2020-06-01T10:00:00.123456Z'],
    ['2020-06-01T10:00:00.000000Z', '2020-06-01T10:00:00Z'],
    ['-4712-01-01T00:00:00.000000Z', '-4712-01-01T00:00:00Z'],
    ['infinity', 'infinity'],
    ['1577836800000000', '2020-01-01T00:00:00Z'],
    ['2020-06-01T10:00:00', undefined],
    ['2020-06-01T10:00:00+02:00', undefined],
  ],
  json: [
    ['{"b":1.0, "a":12345678901234567890}', '{"a":12345678901234567890,"b":1}'],
    ['1000000000000000019884624838656', '1000000000000000000000000000000', 'mysql'],
    ['1000000000000000019884624838656', '1000000000000000019884624838656', 'postgres'],
    ['18446744073709551615', '18446744073709551615', 'mysql'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['{"__proto__":1}', '{"__proto__":1}'],
    ['null', 'null'],
    ['{', undefined],
    ['', undefined],
    ['['.repeat(100_000), undefined],
  ],
  array: [
    [['1', null, '3'], '["1",null,"3"]'],
    [[], '[]'],
    [[true], '["true"]'],
    ['["1",[null]]', '["1",[null]]'],
    [['[Ljava.lang.String;@2483024'], undefined],
    [[{}], undefined],
    ['7', undefined],
  ],
};

describe.each(Object.keys(table) as ColumnKind[])('%s', (kind) => {
  test('null is null', () => {
    expect(decode(kind, null)).toBeNull();
  });
  test.each(table[kind].map(([wire, value, engine]) => ({ wire, value, engine })))(
    '$#',
    ({ wire, value, engine }) => {
      if (value !== undefined) expect(decode(kind, wire, engine)).toBe(value);
      else
        expect(() => decode(kind, wire, engine)).toThrow(
          expect.objectContaining({
            errorClass: 'data',
            column: 'x',
            message: `column x: the captured value is not of kind ${kind}`,
          }),
        );
    },
  );
});

describe('a canonical value is its own canonical form', () => {
  test.each(Object.keys(table) as ColumnKind[])('%s', (kind) => {
    for (const [, value] of table[kind])
      // A bit string's captured form is bytes.
      if (value !== undefined && kind !== 'bits') expect(decode(kind, value)).toBe(value);
  });

  test('any double', () => {
    fc.assert(
      fc.property(fc.double(), (number) => {
        const text = decode('double', Object.is(number, -0) ? '-0.0' : String(number)) as string;
        expect(Number(text)).toBe(number);
        expect(decode('double', text)).toBe(text);
      }),
    );
  });

  test('any decimal, however it is spelled', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.integer({ min: -60, max: 60 }), fc.nat(5), (digits, exponent, zeros) => {
        const plain = decode('decimal', `${digits}e${exponent}`);
        expect(decode('decimal', `${digits}${'0'.repeat(zeros)}E${exponent - zeros}`)).toBe(plain);
        expect(decode('decimal', plain)).toBe(plain);
      }),
    );
  });

  test('any instant, as a count or as text', () => {
    const first = -62_135_596_800_000;
    fc.assert(
      fc.property(fc.integer({ min: first, max: 253_402_300_799_999 }), fc.nat(999), (ms, us) => {
        const count = BigInt(ms) * 1000n + BigInt(us);
        const text = `${new Date(ms).toISOString().slice(0, -1)}${String(us).padStart(3, '0')}Z`;
        expect(decode('timestamp', String(count))).toBe(decode('timestamp', text));
        expect(decode('timestamptz', text)).toBe(`${String(decode('timestamp', text))}Z`);
      }),
    );
  });

  test('any JSON, whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = decode('json', JSON.stringify(value)) as string;
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(decode('json', text)).toBe(text);
      }),
    );
  });
});

test('long text stays within reach', () => {
  const long = JSON.stringify({ text: '"\\é😀'.repeat(500_000) });
  expect(decode('json', long)).toBe(long);
});
