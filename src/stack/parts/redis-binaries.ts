import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Download } from '../download.ts';
import { fetchDebian } from '../fetch/apt.ts';
import { pathBinary, versionIn } from '../path-binary.ts';

/** `redis-check-rdb` of the tools is the server's own program, and serves under its name; the server's package adds what installs it. */
export const redisDownload: Download = {
  name: 'redis-debian-sid',
  title: 'Redis from Debian sid',
  bytes: 60_000_000,
  tools: ['apt', 'debian-keys'],
  async fetch(into, { signal }) {
    await writeFile(join(into, 'version'), await fetchDebian('redis-tools', into, signal));
  },
};

export interface RedisBinaries {
  readonly file: string;
  /** Arguments before any other: how the program is loaded. */
  readonly args: readonly string[];
  readonly version: string;
}

/** Redis 5 (the first with streams) or newer on PATH. */
export async function redisOnPath(environment: NodeJS.ProcessEnv): Promise<RedisBinaries | undefined> {
  const found = await pathBinary('redis-server', environment);
  const version = found && versionIn(found.banner, /v=/);
  if (!found || !version || version[0] < 5) return undefined;
  return { file: found.file, args: [], version: version.join('.') };
}

/** The fetched server, started by the loader that came with it. */
export async function redisFetched(downloads: string): Promise<RedisBinaries> {
  const folder = join(downloads, redisDownload.name);
  const base = join(folder, 'root', 'usr');
  const libraries = join(base, 'lib', 'x86_64-linux-gnu');
  return {
    file: join(base, 'lib64', 'ld-linux-x86-64.so.2'),
    args: ['--argv0', 'redis-server', '--library-path', libraries, join(base, 'bin', 'redis-check-rdb')],
    version: await readFile(join(folder, 'version'), 'utf8'),
  };
}
