import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runClient } from './run-client.ts';

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** npm refuses the package when it differs. */
  readonly integrity: string;
}

/** Installs one package without its scripts below the folder and returns where it lies. */
export async function fetchNpm(
  { name, version, integrity }: NpmPackage,
  into: string,
  signal: AbortSignal,
): Promise<string> {
  const root = { name: 'stack-download', version: '1.0.0', dependencies: { [name]: version } };
  const lock = {
    name: root.name,
    version: root.version,
    lockfileVersion: 3,
    requires: true,
    packages: { '': root, [`node_modules/${name}`]: { version, integrity } },
  };
  await writeFile(join(into, 'package.json'), JSON.stringify(root));
  await writeFile(join(into, 'package-lock.json'), JSON.stringify(lock));
  await runClient('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: into,
    signal,
  });
  return join(into, 'node_modules', name);
}
