import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { builtBundle, bundleFile } from '../../../src/process/workflow-bundle.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string, builtAt: number): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  utimesSync(path, builtAt, builtAt);
  return path;
}

test('a build without a bundle has none', async () => {
  expect(await builtBundle(write('index.js', '', 1000))).toBeNull();
});

test.each([
  ['made after the workflows', 1001, { code: 'bundled' }],
  ['with the time that a package gives all its files', 1000, { code: 'bundled' }],
  ['of workflows that were built anew since', 999, null],
])('a bundle %s', async (_, madeAt, expected) => {
  const entry = write('index.js', '', 1000);
  write(bundleFile('bundle.js'), 'bundled', madeAt);
  expect(await builtBundle(entry)).toEqual(expected);
});
