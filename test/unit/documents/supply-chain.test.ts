import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { packageRoot } from '../../../src/package-root.ts';

interface Package {
  version: string;
  license?: string;
  integrity?: string;
  resolved?: string;
  dev?: boolean;
  deprecated?: string;
  hasInstallScript?: boolean;
}

const read = (...path: string[]) => readFileSync(join(packageRoot, ...path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Package> };
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

/** They ask for nothing but to be named, which SBOM and licence files do. */
const allowed = new Set(['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD', 'BlueOak-1.0.0', 'CC0-1.0', 'CC-BY-4.0', 'Unlicense']); // prettier-ignore

/** Whether an SPDX expression of one kind of word may be taken: all that `AND` joins, or one that `OR` does. */
function isAllowed(expression: string): boolean {
  const licences = expression.replace(/[()]/g, '').split(/ AND | OR /);
  const known = (licence: string) =>
    [...allowed].some((each) => each.toLowerCase() === licence.toLowerCase());
  return expression.includes(' OR ') ? licences.some(known) : licences.every(known);
}

test('every package has a licence that is allowed', () => {
  // What tells its licence by a file alone: the Unlicense.
  const licences = packages.filter(([path]) => path !== 'node_modules/unionfs');
  expect(licences.filter(([, { license }]) => !isAllowed(license ?? 'none'))).toEqual([]);
  expect(['GPL-3.0', 'MIT AND GPL-3.0', 'none'].filter(isAllowed)).toEqual([]);
});

test('what is installed is what was locked, from any mirror, and nobody gave it up', () => {
  for (const kind of ['dependencies', 'devDependencies', 'overrides'])
    for (const [name, version] of Object.entries(manifest[kind]!))
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
  const odd = packages.filter(
    ([, { integrity, resolved, deprecated }]) =>
      integrity?.startsWith('sha512-') !== true || resolved !== undefined || deprecated !== undefined,
  );
  expect(odd).toEqual([]);
});

test('no package runs a script when it is installed', () => {
  expect(read('.npmrc')).toContain('ignore-scripts=true');
  // Whoever installs Tandem elsewhere has scripts on; none of these needs its own.
  const scripts = packages.filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev);
  const names = scripts.map(([path]) => path.split('node_modules/').at(-1));
  expect(new Set(names)).toEqual(new Set(['@swc/core', 'protobufjs']));
});
