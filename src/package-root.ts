import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function ascend(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('package.json of tandem-sync was not found');
  return ascend(parent);
}

/** Absolute path of the installed package: the same from `src/` (tests) and from `dist/src/` (built). */
export const packageRoot = ascend(dirname(fileURLToPath(import.meta.url)));

/** Version of the installed package. */
export const packageVersion = (): string =>
  (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
/**
 * The folder that the embedded stack keeps its things in (`.stack`): the checkout, or the package that tandem-sync is
 * installed into, where they outlive an installation.
 */
export const homeRoot = packageRoot.split(/[\\/]node_modules[\\/]/)[0]!;
