import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { assignment, changeLines, columnChanges, readCorrection } from '../../../src/cli/column-changes.ts';
import { ConfigError } from '../../../src/errors/config-error.ts';

/** The problems a file of this text is refused for, or what it corrects. */
function fromFile(text: string, payload = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-'));
  const path = join(folder, 'corrected.json');
  writeFileSync(path, text);
  try {
    return readCorrection(path, payload);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n');
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a correction', () => {
  test('is assigned column by column', () => {
    expect(assignment('b==2', assignment('a='))).toEqual({ a: '', b: '=2' });
    expect(() => assignment('a')).toThrow(ConfigError);
    expect(() => assignment('=a')).toThrow(ConfigError);
  });

  test('from a file is what differs from the event; numbers keep their digits', () => {
    const payload = { id: '1', name: 'old', big: '1' };
    expect(fromFile('{"id": 1, "name": "new", "big": 12345678901234567890, "gone": null}', payload)).toEqual({
      name: 'new',
      big: '12345678901234567890',
      gone: null,
    });
  });

  test.each([
    ['[1]', /must hold one JSON object/],
    ['{', /is not valid JSON/],
    ['{"tags": ["a"]}', /column tags: JSON and arrays are written as text/],
  ])('from a file %s is refused', (text, why) => {
    expect(fromFile(text)).toMatch(why);
  });

  test('whose file is not there is refused', () => {
    expect(() => readCorrection(join(tmpdir(), 'tandem-none.json'), {})).toThrow(ConfigError);
  });
});

test('the difference is shown column by column', () => {
  const changes = columnChanges({ a: 'x', b: null, c: '1' }, { a: 'y', b: null, c: '1', d: true }, [
    'a',
    'b',
    'd',
  ]);
  expect(changes).toEqual([
    { column: 'a', old: 'x', new: 'y' },
    { column: 'd', new: true },
  ]);
  expect(changeLines(changes)).toBe('a: "x" → "y"\nd: (absent) → true');
});
