import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { packageRoot } from '../../../src/package-root.ts';

const folderOf = (engine: string) => join(packageRoot, 'src', 'database', engine, 'ledger');
const namesOf = (engine: string) => readdirSync(folderOf(engine)).toSorted();
const engines = ['postgres', 'mysql'];
const files = engines.flatMap((engine) => namesOf(engine).map((name) => `${engine}/${name}`));
const read = (file: string) => {
  const [engine, name] = file.split('/') as [string, string];
  return readFileSync(join(folderOf(engine), name), 'utf8');
};

/** What a ledger somewhere was made by: a change of it would never get there. */
const released: Readonly<Record<string, string>> = {
  'postgres/001_ledger.sql': '9011f4e8eafc49a3',
  'postgres/002_identity.sql': '95de9e04fcc0f686',
  'postgres/003_waiting.sql': 'b9bfdc32265f957e',
  'postgres/004_policies.sql': 'c9f4f03e324258ae',
  'postgres/006_watchdog.sql': '9968f5c54c29cf42',
  'mysql/001_ledger.sql': '2e2437bb0bab98c1',
  'mysql/002_identity.sql': 'b58a538e9360bba4',
  'mysql/003_waiting.sql': 'dffd2132f9d06c74',
  'mysql/004_policies.sql': 'a86dbf283f3a1525',
  'mysql/006_watchdog.sql': '407cc040f9ad33e9',
};

/** What would take something away from the version before, which works on until it is replaced, or comes back. */
const takesAway =
  /\b(DROP|RENAME|TRUNCATE|MODIFY|CHANGE|DELETE\s+FROM|ALTER\s+COLUMN|SET\s+NOT\s+NULL|ADD\s+(CONSTRAINT|UNIQUE|CHECK))\b/i;
/** The version before inserts rows without it. */
const demands = /ADD\s+COLUMN\s+(?:(?!DEFAULT)[^;,'])*NOT\s+NULL(?!(?:(?!,|;).)*DEFAULT)/is;

describe('migrations of the ledger', () => {
  test.each(files)('stay as they were released: %s', (file) => {
    expect(createHash('sha256').update(read(file)).digest('hex').slice(0, 16)).toBe(released[file]);
  });

  test.each(files)('leave the version before all that it works with: %s', (file) => {
    const text = read(file).replaceAll(/^\s*--.*$/gm, '');
    expect(text).not.toMatch(takesAway);
    expect(text).not.toMatch(demands);
  });

  test.each([
    'ALTER TABLE conflicts DROP COLUMN verdict;',
    'ALTER TABLE conflicts ADD COLUMN seen boolean NOT NULL;',
    'ALTER TABLE conflicts ALTER COLUMN verdict SET NOT NULL;',
  ])('would not, if they were: %s', (statement) => {
    expect(takesAway.test(statement) || demands.test(statement)).toBe(true);
  });

  test('may add a column that fills itself', () => {
    expect('ALTER TABLE conflicts ADD COLUMN seen boolean NOT NULL DEFAULT false;').not.toMatch(demands);
  });

  test('are the same on both engines', () => {
    expect(namesOf('mysql')).toEqual(namesOf('postgres'));
  });
});
