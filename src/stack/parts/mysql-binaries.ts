import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fetchDebian } from '../fetch/apt.ts';
import { pathBinary, versionIn } from '../path-binary.ts';
import type { Download } from '../download.ts';

/**
 * Debian sid keeps only its newest MySQL, so there is no version to pin: what came is recorded beside it and
 * in the stack's `versions.json`. It brings its own C library and therefore runs on any distribution.
 */
export const mysqlDownload: Download = {
  name: 'mysql-debian-sid',
  title: 'MySQL 9 from Debian sid',
  bytes: 430_000_000,
  tools: ['apt', 'debian-keys'],
  async fetch(into, { signal }) {
    await writeFile(join(into, 'version'), await fetchDebian('mysql-server-core', into, signal));
  },
};

export interface MysqlBinaries {
  readonly file: string;
  /** Arguments before any other: how the program is loaded and where its own files lie. */
  readonly args: readonly string[];
  readonly version: string;
}

/** MySQL 8.0 or newer on PATH. MariaDB carries the same name and is not one. */
export async function mysqlOnPath(environment: NodeJS.ProcessEnv): Promise<MysqlBinaries | undefined> {
  const found = await pathBinary('mysqld', environment, ['--no-defaults', '--version']);
  const version = found && versionIn(found.banner, /Ver /);
  if (!found || !version || version[0] < 8 || /mariadb/i.test(found.banner)) return undefined;
  const base = dirname(dirname(found.file));
  // A build that was moved after it was made does not find its messages by itself.
  const messages = ['share/mysql', 'share']
    .map((share) => join(base, share))
    .find((share) => existsSync(join(share, 'english')));
  const where = messages ? [`--basedir=${base}`, `--lc-messages-dir=${messages}`] : [];
  return { file: found.file, args: ['--no-defaults', ...where], version: version.join('.') };
}

/** The fetched server, started by the loader that came with it. */
export async function mysqlFetched(downloads: string): Promise<MysqlBinaries> {
  const folder = join(downloads, mysqlDownload.name);
  const base = join(folder, 'root', 'usr');
  const libraries = join(base, 'lib', 'x86_64-linux-gnu');
  const loader = ['--argv0', 'mysqld', '--library-path', libraries, join(base, 'sbin', 'mysqld')];
  const where = [
    `--basedir=${base}`,
    `--lc-messages-dir=${join(base, 'share', 'mysql')}`,
    `--character-sets-dir=${join(base, 'share', 'mysql', 'charsets')}`,
    `--plugin-dir=${join(base, 'lib', 'mysql', 'plugin')}`,
  ];
  return {
    file: join(base, 'lib64', 'ld-linux-x86-64.so.2'),
    args: [...loader, '--no-defaults', ...where],
    version: await readFile(join(folder, 'version'), 'utf8'),
  };
}
