import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A user and group a server runs under. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** `nobody` and `nogroup`, whose numbers are the same on every Linux. */
const nobody: Account = { uid: 65_534, gid: 65_534 };

/**
 * The account for a server that refuses to run as root: whoever owns the folder, else `nobody`. Undefined when
 * the caller is an ordinary user, who runs it himself.
 */
export function unprivilegedAccount(folder: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = statSync(folder);
  return uid === 0 ? nobody : { uid, gid };
}

function mayEnter(account: Account, folder: string): boolean {
  const { uid, gid, mode } = statSync(folder);
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** True when the account may walk down to this folder: no parent of it is closed to it. */
export function reaches(account: Account, folder: string): boolean {
  const parent = dirname(folder);
  return mayEnter(account, folder) && (parent === folder || reaches(account, parent));
}
