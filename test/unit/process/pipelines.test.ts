import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ConfigError } from '../../../src/errors/config-error.ts';
import { loadPipelines, shippedPipelines } from '../../../src/process/pipelines.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-pipelines-'));
afterAll(() => rmSync(folder, { recursive: true }));

function moduleFile(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const problemsOf = async (...names: string[]) => {
  const error: unknown = await loadPipelines(names).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).problems;
};

test('the pipelines in the box load by name', async () => {
  const names = shippedPipelines();
  expect(names.length).toBeGreaterThan(0);
  const pipelines = await loadPipelines(names);
  expect(pipelines.map(({ name }) => name)).toEqual(names);
});

test('an unknown name, a missing file and a broken module are all told at once', async () => {
  const broken = moduleFile('broken.mjs', 'throw new Error("no such thing")');
  const found = await problemsOf('nobody', './nothing.js', broken);
  expect(found).toHaveLength(3);
  expect(found[0]).toContain('TANDEM_PIPELINES: there is no pipeline "nobody"; there are ');
  expect(found[1]).toContain('there is no file ./nothing.js');
  expect(found[2]).toContain('cannot be loaded: no such thing');
});

test('a module without a definition says what to export', async () => {
  expect(await problemsOf(moduleFile('empty.mjs', 'export const x = 1'))).toEqual([
    expect.stringContaining('must export definePipeline({…}) as its default'),
  ]);
});

test('each problem of a definition is a line of its own that begins with the variable', async () => {
  const path = moduleFile(
    'wrong.mjs',
    `export default { name: 'wrong', sides: { a: { engine: 'postgres', url: 'postgres://x/y' } },
       entities: { things: { tables: {}, columns: {} } } }`,
  );
  const found = await problemsOf(path);
  expect(found.length).toBeGreaterThan(0);
  for (const line of found) expect(line).toMatch(/^TANDEM_PIPELINES: /);
});

test('one pipeline named twice is refused', async () => {
  const [name] = shippedPipelines();
  expect(await problemsOf(name!, name!)).toEqual([`TANDEM_PIPELINES: two pipelines are named "${name}"`]);
});
