import { expect, test } from '@jest/globals';
import type { ColumnDescription } from '../../../src/database/contract.ts';
import { narrowing } from '../../../src/doctor/narrowing.ts';

const column = (type: string, parts: Partial<ColumnDescription> = {}): ColumnDescription => ({
  name: 'c',
  type,
  nullable: true,
  hasDefault: false,
  maxLength: null,
  lengthUnit: null,
  precision: null,
  scale: null,
  unsigned: false,
  fraction: null,
  labels: null,
  ...parts,
});

const characters = (maxLength: number) => column('varchar', { maxLength, lengthUnit: 'character' });
const bytes = (maxLength: number) => column('text', { maxLength, lengthUnit: 'byte' });
const exact = (precision: number, scale: number) => column('decimal', { precision, scale });
const unlimited = column('text');
const unsigned = column('bigint unsigned', { unsigned: true });

test.each([
  ['the same width', characters(10), characters(10), null],
  ['a wider one', characters(10), characters(20), null],
  ['a narrower one', characters(20), characters(10), '20 characters into 10 characters'],
  ['no limit into one', unlimited, characters(10), 'text without a limit into 10 characters'],
  ['one into no limit', characters(10), unlimited, null],
  ['characters that fit in bytes', characters(10), bytes(40), null],
  ['characters that may not fit in bytes', characters(11), bytes(40), '11 characters into 40 bytes'],
  ['bytes as characters', bytes(40), characters(40), null],
  ['labels into text', column('enum', { labels: ['a'] }), characters(10), null],
  ['an integer into a narrower one', column('bigint'), column('int'), 'bigint into int'],
  ['an integer into a wider one', column('int'), column('bigint'), null],
  ['unsigned into signed', unsigned, column('bigint'), 'bigint unsigned into bigint, half of its range'],
  [
    'signed into unsigned',
    column('bigint'),
    unsigned,
    'bigint into bigint unsigned, which holds no negative',
  ],
  ['unsigned into a wider signed', column('int unsigned', { unsigned: true }), column('bigint'), null],
  ['a decimal with more behind the point', exact(10, 4), exact(10, 2), 'digits after the point beyond 2'],
  ['a decimal with more before the point', exact(12, 2), exact(10, 2), 'digits before the point beyond 8'],
  ['a decimal that fits', exact(10, 2), exact(12, 4), null],
  ['any decimal into a limited one', column('numeric'), exact(10, 2), 'digits after the point beyond 2'],
  ['an integer into a decimal that holds it', column('int'), exact(12, 0), null],
  [
    'more digits of a second',
    column('timestamp', { fraction: 6 }),
    column('datetime', { fraction: 0 }),
    '6 digits of a second into 0',
  ],
  [
    'fewer digits of a second',
    column('timestamp', { fraction: 3 }),
    column('datetime', { fraction: 6 }),
    null,
  ],
] as const)('%s', (_, from, to, loss) => {
  expect(narrowing(from, to)).toBe(loss);
});
