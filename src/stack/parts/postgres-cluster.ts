import { existsSync } from 'node:fs';
import { chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { PostgresPlace } from './postgres-place.ts';

/** Makes the database cluster where there is none; it appears in one step. */
export async function initialise(
  { folder, data, binaries, account }: PostgresPlace,
  superuser: { user: string; password: string },
): Promise<void> {
  if (existsSync(data)) return;
  await mkdir(folder, { recursive: true });
  const partial = `${data}.partial`;
  const passwordFile = join(folder, 'password');
  await rm(partial, { recursive: true, force: true });
  await writeFile(passwordFile, superuser.password, { mode: 0o600 });
  if (account) await chown(passwordFile, account.uid, account.gid);
  const user = ['--username', superuser.user, '--pwfile', passwordFile, '--auth', 'scram-sha-256'];
  const text = ['--encoding', 'UTF8', '--locale', 'C.UTF-8'];
  try {
    // `--no-sync` is safe: after a crash of the machine the unfinished folder does not yet bear its name.
    await execa(join(binaries, 'initdb'), ['--pgdata', partial, '--no-sync', ...user, ...text], {
      cwd: folder,
      all: true,
      ...account,
    });
    await rename(partial, data);
  } finally {
    await rm(passwordFile, { force: true });
  }
}
