import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/** One SHA-256 over the names and contents of all files below a folder. */
export async function treeDigest(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
  const lines: string[] = [];
  for (const file of files) lines.push(`${sha256(await readFile(join(folder, file)))}  ${file}\n`);
  return sha256(lines.join(''));
}

/** @throws Error when the folder holds anything else than what was pinned. */
export async function assertDigest(folder: string, pinned: string): Promise<void> {
  const found = await treeDigest(folder);
  if (found !== pinned)
    throw new Error(`what was fetched into ${folder} is not what was pinned: ${found} instead of ${pinned}`);
}
