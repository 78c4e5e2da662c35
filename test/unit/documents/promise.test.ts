import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { packageRoot } from '../../../src/package-root.ts';

/** What Tandem promises, word for word. */
const promise = [
  'No acknowledged source change is lost while its log, topic and ledger are retained.',
  'Each is applied at most once per row version; effects run at least once.',
  'When writes stop and no dead letter is open, both sides agree on every mapped row.',
  'An outage of any part delays and loses nothing.',
  'There is no atomicity across rows.',
  '`last_write_wins` may discard the older of two concurrent edits; what was discarded is always recorded.',
];

const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');
const section = /^## The promise\n(.*?)^## /ms.exec(readme)?.[1] ?? '';
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, sentence, tests]) => ({
    sentence,
    links: [...(tests ?? '').matchAll(/\[`([^`]+)`\]\(([^)]+)\)/g)],
  }));

test('the README prints every sentence of the promise, in its order, and no other', () => {
  expect(rows.map(({ sentence }) => sentence)).toEqual(promise);
});

test.each(rows.map(({ sentence, links }) => [sentence, links] as const))(
  'is held by tests: %s',
  (_, links) => {
    expect(links.length).toBeGreaterThan(0);
    for (const [, name, path] of links) {
      expect(path).toMatch(new RegExp(`^test/(unit/)?${name}\\.test\\.ts$`));
      expect(existsSync(join(packageRoot, path!))).toBe(true);
    }
  },
);
