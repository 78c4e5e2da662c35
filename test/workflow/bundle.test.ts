import { dirname, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { packageRoot } from '../../src/package-root.ts';
import { workflowBundle } from '../../src/process/workflow-bundle.ts';
import { dataConverter } from '../../src/temporal/data-converter.ts';
import { parsePayloadKeys } from '../../src/temporal/payload-keys.ts';

test('the workflow bundle builds, and of Tandem it holds only what is pure', async () => {
  const { code } = await workflowBundle(
    dataConverter(parsePayloadKeys(`k:${Buffer.alloc(32).toString('base64')}`)),
  );
  const [, map] = code.split('sourceMappingURL=data:application/json;charset=utf-8;base64,');
  const { sources } = JSON.parse(Buffer.from(map!, 'base64').toString()) as { sources: string[] };
  const files = sources.filter((source) => source.startsWith(packageRoot));
  const own = files
    .map((file) => relative(packageRoot, file))
    .filter((file) => !file.startsWith('node_modules'));
  expect(new Set(own.map((file) => dirname(file)))).toEqual(
    new Set(['src/errors', 'src/temporal', 'src/workflows']),
  );
  const packages = files.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  expect(new Set(packages.filter((name) => name.startsWith('@')))).toEqual(
    new Set(['@temporalio/common', '@temporalio/workflow']),
  );
});
