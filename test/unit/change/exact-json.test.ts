import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { numbersIn, parseExact } from '../../../src/change/exact-json.ts';

describe('parseExact', () => {
  test('keeps every number as its text', () => {
    const text = '{"a":12345678901234567890,"b":[-0.10,1E+400,0],"c":"7, 8]","d\\"1":1.0 }';
    expect(parseExact(text)).toEqual({
      a: '12345678901234567890',
      b: ['-0.10', '1E+400', '0'],
      c: '7, 8]',
      'd"1': '1.0',
    });
    expect(numbersIn(text)).toEqual(['12345678901234567890', '-0.10', '1E+400', '0', '1.0']);
  });

  test('tells numbers from texts by the mark', () => {
    expect(parseExact('[1,"1"]', '#')).toEqual(['#1', '1']);
  });

  test.each([
    '01',
    '1.',
    '.5',
    '+1',
    '1e',
    '--1',
    '{1:2}',
    '[1 2]',
    '1"a"',
    '"a"1',
    'true1',
    'NaN',
    '"a',
    '"a\\"',
    '',
    '{"a":1',
  ])('refuses %s', (text) => {
    expect(() => parseExact(text)).toThrow(SyntaxError);
  });

  test("agrees with the engine's own parser on everything but numbers", () => {
    const textual = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value), (_, each: unknown) =>
        typeof each === 'number' ? JSON.stringify(each) : each,
      );
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 2), (value, indent) => {
        expect(parseExact(JSON.stringify(value, null, indent))).toEqual(textual(value));
      }),
    );
  });

  test('accepts exactly what is JSON', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '1',
      '-',
      '.',
      'e',
      '0',
      'true',
      ' ',
      'a',
    );
    const accepted = (parse: (text: string) => unknown, text: string) => {
      try {
        parse(text);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        expect(accepted(parseExact, text)).toBe(accepted(JSON.parse, text));
      }),
      { numRuns: 20_000 },
    );
  });
});
