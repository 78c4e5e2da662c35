import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './lock.ts';
import type { Tool } from './tools.ts';

/** Something fetched once by an ordinary package client and then shared by every stack of this checkout. */
export interface Download {
  /** Folder below the downloads; carries the version, so that a new version is a new folder. */
  readonly name: string;
  readonly title: string;
  /** About what lies on disk when it is done, archives included: for progress and the disk check only. */
  readonly bytes: number;
  readonly tools: readonly Tool[];
  /** Fills the empty folder. Verified here, or by the client. */
  fetch(into: string, context: FetchContext): Promise<void>;
}

export interface FetchContext {
  readonly signal: AbortSignal;
  /** Bytes that arrived outside the folder, in the client's own cache. */
  readonly onBytes: (bytes: number) => void;
}

/** `bytes` so far; the remaining time is unknown until something has arrived. */
export interface FetchProgress {
  readonly download: Download;
  readonly bytes: number;
  readonly elapsedMs: number;
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FetchProgress) => void;
}

export const isFetched = (downloads: string, download: Download): boolean =>
  existsSync(join(downloads, download.name));

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/**
 * Returns the folder with the download in it. The folder appears in one step when all of it is there, so an
 * interrupted fetch is fetched again; of two processes one fetches and the other waits for it.
 */
export async function fetchOnce(
  downloads: string,
  download: Download,
  { signal, onProgress }: FetchOptions,
): Promise<string> {
  const folder = join(downloads, download.name);
  if (existsSync(folder)) return folder;
  return withLock(
    `${folder}.lock`,
    async () => {
      if (existsSync(folder)) return folder;
      const partial = `${folder}.partial`;
      rmSync(partial, { recursive: true, force: true });
      mkdirSync(partial, { recursive: true });
      const began = Date.now();
      let elsewhere = 0;
      let arrived = false;
      const report = async (): Promise<void> => {
        const bytes = Math.max(await bytesIn(partial), elsewhere);
        if (!arrived) onProgress({ download, bytes, elapsedMs: Date.now() - began });
      };
      const timer = setInterval(() => void report(), 500);
      try {
        await download.fetch(partial, { signal, onBytes: (bytes) => (elsewhere += bytes) });
      } catch (error) {
        rmSync(partial, { recursive: true, force: true });
        throw error;
      } finally {
        arrived = true;
        clearInterval(timer);
      }
      renameSync(partial, folder);
      return folder;
    },
    { signal },
  );
}
