import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { packageRoot } from '../../../src/package-root.ts';
import { bundleFile, readOrBundle } from '../../../src/process/workflow-bundle.ts';

test('the bundle of a build is taken as it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-'));
  try {
    const entry = join(folder, 'index.js');
    writeFileSync(bundleFile(entry), 'bundled');
    writeFileSync(bundleFile(entry, 'failures.js'), 'with failures');
    expect(await readOrBundle(entry)).toEqual({ code: 'bundled' });
    expect(await readOrBundle(entry, 'failures.js')).toEqual({ code: 'with failures' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a build removes the bundle of the one before, so that no worker runs its workflows', () => {
  const { scripts } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    scripts: { build: string };
  };
  expect(scripts.build).toContain('rm -f dist/src/workflows/bundle*.js &&');
  for (const failures of [undefined, 'failures.js'])
    expect(bundleFile('dist/src/workflows/index.js', failures)).toMatch(
      /^dist\/src\/workflows\/bundle[\w-]*\.js$/,
    );
});
