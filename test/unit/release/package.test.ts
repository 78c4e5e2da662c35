import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { packageRoot } from '../../../src/package-root.ts';

const inTarball = () => {
  const json = execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: packageRoot, stdio: 'pipe' });
  const [{ files }] = JSON.parse(json.toString()) as [{ files: { path: string }[] }];
  return files.map(({ path }) => path);
};

const below = (folder: string, extension: string) =>
  readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .map((file) => `${folder}/${file}`);

test('the tarball holds what the program reads beside its modules, and nothing that is only for its developers', () => {
  const files = inTarball();
  expect(files).toEqual(
    expect.arrayContaining([
      ...below('src', '.sql'),
      ...below('pipelines', '.sql'),
      ...below('debezium', '.json'),
      ...below('src/init/parts', '.json'),
      'docs/runbook.md',
      'CHANGELOG.md',
      'LICENSE',
    ]),
  );
  const others =
    /^(?!dist\/(src|pipelines)\/|src\/(database|init\/parts)\/|pipelines\/|debezium\/|docs\/)[^/]*\/|\.map$|(?<!\.d)\.ts$/;
  expect(files.filter((file) => others.test(file))).toEqual([]);
});
