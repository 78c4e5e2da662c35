import { expect, test } from '@jest/globals';
import { parsePayloadKeys } from '../../../src/temporal/payload-keys.ts';

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');

test('keys stand in lines, or are separated by commas or blanks; the first encrypts', () => {
  const { encrypting, byId } = parsePayloadKeys(`2026-11:${key(1)},\n2025:${key(2)}\n old.1:${key(3)}`);
  expect(encrypting).toBe('2026-11');
  expect([...byId].map(([id, secret]) => [id, secret.export()[0]])).toEqual([
    ['2026-11', 1],
    ['2025', 2],
    ['old.1', 3],
  ]);
  expect(parsePayloadKeys(`k:${key(1).replace(/=$/, '')}`).encrypting).toBe('k');
});

test.each([
  ['', 'must be ID:KEY'],
  ['plain', 'must be ID:KEY'],
  [key(1), 'part 1 is not ID:KEY'],
  [`a:${key(1)},b c`, 'part 2 is not ID:KEY'],
  [`k:${key(1)},plain:${key(1)}`, 'part 2 is not ID:KEY'],
  [`k!:${key(1)}`, 'part 1 is not ID:KEY'],
  [`k:${Buffer.alloc(16, 1).toString('base64')}`, 'key "k" is not 32 bytes in base64'],
  [`k:${key(1)}!`, 'key "k" is not 32 bytes in base64'],
  [`k:${key(1).slice(0, -3)}`, 'key "k" is not 32 bytes in base64'],
  [`k:${key(1)},k:${key(2)}`, 'names key "k" twice'],
])('%s is refused, and no key is repeated', (text, problem) => {
  const parse = () => parsePayloadKeys(text);
  expect(parse).toThrow(problem);
  expect(parse).not.toThrow(key(1).slice(0, 10));
});
