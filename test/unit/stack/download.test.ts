import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { fetchOnce } from '../../../src/stack/download.ts';
import type { Download } from '../../../src/stack/download.ts';
import { downloadedBytes } from '../../../src/stack/fetch/maven.ts';
import { fetchText } from '../../../src/stack/progress.ts';
import { temporaryFolder } from './temporary.ts';

const options = { signal: new AbortController().signal, onProgress: () => undefined };

function scripted(fetch: Download['fetch']): Download & { calls: number } {
  const download = {
    name: 'thing-1',
    title: 'Thing',
    bytes: 1,
    tools: [],
    calls: 0,
    fetch: (into: string, context: Parameters<Download['fetch']>[1]) => {
      download.calls += 1;
      return fetch(into, context);
    },
  };
  return download;
}

test('of many who want it one fetches', async () => {
  using folder = temporaryFolder();
  const download = scripted(async (into) => {
    await new Promise(setImmediate);
    writeFileSync(join(into, 'file'), 'x');
  });
  const found = await Promise.all([1, 2, 3].map(() => fetchOnce(folder.path, download, options)));
  expect(new Set(found)).toEqual(new Set([join(folder.path, 'thing-1')]));
  expect(download.calls).toBe(1);
  expect(readdirSync(folder.path)).toEqual(['thing-1']);
});

test('a failed fetch leaves nothing and is tried again', async () => {
  using folder = temporaryFolder();
  let fails = true;
  const download = scripted((into) => {
    writeFileSync(join(into, 'half'), 'x');
    return fails ? Promise.reject(new Error('the line broke')) : Promise.resolve();
  });
  await expect(fetchOnce(folder.path, download, options)).rejects.toThrow('the line broke');
  expect(readdirSync(folder.path)).toEqual([]);
  fails = false;
  expect(existsSync(await fetchOnce(folder.path, download, options))).toBe(true);
});

test('progress tells size and remaining time once a pace is known', () => {
  expect(fetchText('Thing', 0, 100_000_000, 500)).toBe('fetching Thing, about 100 MB');
  expect(fetchText('Thing', 25_000_000, 100_000_000, 10_000)).toBe(
    'fetching Thing: 25 MB of about 100 MB, 30 s left',
  );
  expect(fetchText('Thing', 110_000_000, 100_000_000, 10_000)).toContain('nearly done');
});

test("bytes are read from Maven's own lines", () => {
  expect(downloadedBytes('[INFO] Downloaded from central: https://x/y.jar (1.2 MB at 3.4 MB/s)')).toBe(
    1_200_000,
  );
  expect(downloadedBytes('[INFO] Downloaded from central: https://x/y.pom (540 B at 2.0 kB/s)')).toBe(540);
  expect(downloadedBytes('[INFO] Downloading from central: https://x/y.pom')).toBe(0);
});
