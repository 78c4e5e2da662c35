import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { reaches, unprivilegedAccount } from '../account.ts';
import type { Account } from '../account.ts';
import type { StackFolders } from '../folders.ts';

/** Where PostgreSQL runs from. All of it can be reached by the account it runs under. */
export interface PostgresPlace {
  readonly folder: string;
  readonly data: string;
  readonly binaries: string;
  readonly account: Account | undefined;
}

/** Outlives a reboot, unlike the temporary folder. */
const open = '/var/tmp';

/** Where a closed stack folder's PostgreSQL goes: one folder for each stack. */
export function outsideFolder(folders: StackFolders): string {
  const digest = createHash('sha256').update(folders.home).digest('hex').slice(0, 12);
  return join(open, `tandem-stack-${digest}`);
}

async function copyBinaries(binaries: string, outside: string): Promise<string> {
  const root = dirname(binaries);
  const copy = join(outside, 'program');
  if (!existsSync(copy)) {
    const partial = `${copy}.partial`;
    await rm(partial, { recursive: true, force: true });
    await cp(root, partial, { recursive: true, verbatimSymlinks: true });
    await rename(partial, copy);
  }
  return join(copy, relative(root, binaries));
}

/** The shared folder is open to all: what someone else put there under our name is not used. */
async function assertOurs(folder: string, account: Account): Promise<void> {
  const found = await lstat(folder);
  if (!found.isDirectory() || (found.uid !== 0 && found.uid !== account.uid))
    throw new Error(
      `${folder} belongs to another user; remove it, or move the checkout to where others may enter`,
    );
}

/**
 * PostgreSQL refuses to run as root. As root it gets an account of its own, and where that account cannot walk
 * down to the stack's folder (a clone in /root, say), data and fetched binaries go below /var/tmp instead.
 */
export async function placeFor(folders: StackFolders, binaries: string): Promise<PostgresPlace> {
  await mkdir(folders.home, { recursive: true });
  const account = unprivilegedAccount(folders.home);
  if (!account) {
    const folder = folders.data('postgres');
    return { folder, data: join(folder, 'cluster'), binaries, account };
  }
  const inside = reaches(account, folders.home);
  const folder = inside ? folders.data('postgres') : outsideFolder(folders);
  await mkdir(folder, { recursive: true });
  if (!inside) {
    await assertOurs(folder, account);
    await chmod(folder, 0o755);
  }
  const usable = reaches(account, binaries) ? binaries : await copyBinaries(binaries, folder);
  await chown(folder, account.uid, account.gid);
  return { folder, data: join(folder, 'cluster'), binaries: usable, account };
}
