import type { Value } from '../change/value.ts';
import type { ColumnDescription } from '../database/contract.ts';
import type { ColumnKind } from '../pipeline/columns.ts';

/** A value at an edge of what a column holds, by a name that can be told: values are nobody's row. */
export interface Edge {
  name: string;
  value: Value;
}

const edges = (values: Readonly<Record<string, Value>>): Edge[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));

/** A text without a limit is longer than any type that has one. */
const longest = ({ maxLength }: ColumnDescription) => Math.min(maxLength ?? 70_000, 70_000);
const widths = [8n, 16n, 24n, 32n, 64n];
const days = {
  'the year 1': '0001-01-01',
  'the year 1000': '1000-01-01',
  'a leap day': '2024-02-29',
  'before 1970': '1969-12-31',
  'after 2038': '2038-01-20',
  'the year 9999': '9999-12-31',
  'a zero date': '0000-00-00',
};
const times = (zone: string) => ({
  ...Object.fromEntries(Object.entries(days).map(([name, day]) => [name, `${day}T00:00:00${zone}`])),
  'a microsecond': `2024-02-29T23:59:59.000001${zone}`,
  infinity: 'infinity',
});

const makers: Record<ColumnKind, (live: ColumnDescription) => Edge[]> = {
  integer: () =>
    edges({ zero: '0', one: '1', 'minus one': '-1', ...Object.fromEntries(widths.flatMap(powers)) }),
  decimal: decimals,
  double: () =>
    edges({
      zero: '0',
      'minus zero': '-0',
      'a half': '0.5',
      least: '5e-324',
      greatest: '1.7976931348623157e+308',
      NaN: 'NaN',
      infinity: 'Infinity',
    }),
  real: () => edges({ zero: '0', 'a half': '0.5', greatest: String(Math.fround(3.4028235e38)), NaN: 'NaN' }),
  boolean: () => edges({ true: true, false: false }),
  text: texts,
  bytes: (live) =>
    edges({ empty: '', 'one byte': 'AA==', longest: Buffer.alloc(longest(live), 255).toString('base64') }),
  bits: ({ maxLength, precision }) => edges({ zero: '0', longest: '1'.repeat(maxLength ?? precision ?? 64) }),
  uuid: () =>
    edges({
      least: '00000000-0000-0000-0000-000000000000',
      greatest: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
    }),
  date: () => edges({ ...days, infinity: 'infinity' }),
  time: () =>
    edges({
      midnight: '00:00:00',
      'the last second': '23:59:59',
      'a microsecond': '12:00:00.000001',
      'past a day': '838:59:59',
      negative: '-01:00:00',
    }),
  timestamp: () => edges(times('')),
  timestamptz: () => edges(times('Z')),
  json: () =>
    edges({
      'an object': '{}',
      'JSON null': 'null',
      'a great number': '18446744073709551615',
      'unicode text': '"😀"',
      'a NUL': String.raw`"\u0000"`,
    }),
  array: () => edges({ empty: '[]', 'unicode text': '["😀"]', 'a null in it': '[null]' }),
};

const powers = (bits: bigint): [string, string][] => [
  [`the least of ${bits} bits`, String(-(2n ** (bits - 1n)))],
  [`the greatest of ${bits} bits`, String(2n ** (bits - 1n) - 1n)],
  [`the greatest of ${bits} bits unsigned`, String(2n ** bits - 1n)],
];

function decimals({ precision, scale }: ColumnDescription): Edge[] {
  const [whole, fraction] = precision === null ? [60, 30] : [precision - (scale ?? 0), scale ?? 0];
  const digits = `${'9'.repeat(Math.max(whole, 1))}${fraction > 0 ? `.${'9'.repeat(fraction)}` : ''}`;
  return edges({ zero: '0', one: '1', greatest: digits, least: `-${digits}`, NaN: 'NaN' });
}

function texts(live: ColumnDescription): Edge[] {
  if (live.labels !== null)
    return live.labels.map((label, at) => ({ name: `label ${at + 1}`, value: label }));
  return edges({
    empty: '',
    'a blank': ' ',
    'a blank at the end': 'a ',
    quotes: `'"\\\``,
    accents: 'e\u0301',
    longest: 'x'.repeat(longest(live)),
    'longest, in emoji': '😀'.repeat(Math.floor(longest(live) / (live.lengthUnit === 'byte' ? 4 : 1))),
  });
}

/** Values to try a column's mapping with; not all of them need fit the column itself. Null where it may be null. */
export const edgeValues = (kind: ColumnKind, live: ColumnDescription): Edge[] => [
  ...makers[kind](live),
  ...(live.nullable ? [{ name: 'null', value: null }] : []),
];
