import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';

/** Set to 1, nothing on PATH is used and every part is fetched. */
export const ignorePathVariable = 'TANDEM_STACK_IGNORE_PATH';

export interface PathBinary {
  /** With every symbolic link resolved. */
  readonly file: string;
  /** What `--version` printed. */
  readonly banner: string;
}

function locate(name: string, path: string): string | undefined {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return realpathSync(file);
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** The program of this name on PATH, if it is there, runs, and PATH is not to be ignored. */
export async function pathBinary(
  name: string,
  environment: NodeJS.ProcessEnv,
  versionArguments: readonly string[] = ['--version'],
): Promise<PathBinary | undefined> {
  if (environment[ignorePathVariable] === '1') return undefined;
  const file = locate(name, environment['PATH'] ?? '');
  if (!file) return undefined;
  const { exitCode, all } = await execa(file, versionArguments, {
    all: true,
    reject: false,
    timeout: 5_000,
    stdin: 'ignore',
  });
  return exitCode === 0 ? { file, banner: all } : undefined;
}

/** The first `major.minor` behind the mark in a version banner: `(PostgreSQL) 15.18` gives [15, 18]. */
export function versionIn(banner: string, mark: RegExp): [major: number, minor: number] | undefined {
  const found = new RegExp(`${mark.source}(\\d+)(?:\\.(\\d+))?`).exec(banner);
  return found ? [Number(found[1]), Number(found[2] ?? 0)] : undefined;
}
