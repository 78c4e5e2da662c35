import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { packageRoot } from '../../../src/package-root.ts';

interface Packed {
  files: readonly { path: string }[];
}

test('the package holds what the program reads beside its code, and no test', () => {
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: packageRoot,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const paths = (JSON.parse(packed) as Packed[])[0]!.files.map(({ path }) => path);
  const holds = (pattern: RegExp) => paths.filter((path) => pattern.test(path)).length;
  expect(holds(/^src\/database\/(postgres|mysql)\/ledger\/001_ledger\.sql$/)).toBe(2);
  expect(holds(/^src\/init\/parts\/(postgres|mysql)-(routines\.sql|connector\.json)$/)).toBe(4);
  expect(holds(/^pipelines\/blog\/sql\/(legacy|revamp)\/triggers\.sql$/)).toBe(2);
  expect(holds(/^debezium\/(postgres|mysql)-connector\.json$/)).toBe(2);
  expect(holds(/^(test|bench|src\/.*\.ts)/)).toBe(0);
});
