import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../src/package-root.ts';
import type { Build } from '../chaos/build.ts';

const git = async (...words: string[]): Promise<string> =>
  (await execa('git', words, { cwd: packageRoot })).stdout;

/** Stands for a release until there is one: workflows have changed since, and what passes between processes has not. */
const beforeReleases = 'a0627c6';

/** The last release before this commit. */
export async function previousRelease(): Promise<string> {
  const tags = await git('tag', '--list', 'v*', '--sort=-version:refname', '--no-contains', 'HEAD');
  return tags.split('\n')[0] || beforeReleases;
}

/** Builds a commit as it was, with the packages it had, in a folder that is removed at the end. */
export async function buildOf(commit: string): Promise<Build & AsyncDisposable> {
  const name = await git('describe', '--tags', '--always', `${commit}^{commit}`);
  const top = await mkdtemp(join(tmpdir(), 'tandem-previous-'));
  const [folder, archive] = [join(top, 'build'), join(top, 'sources.tar')];
  const remove = () => rm(top, { recursive: true, force: true });
  try {
    await mkdir(folder);
    await git('archive', '--output', archive, commit);
    await execa('tar', ['-xf', archive, '-C', folder]);
    const npm = (...words: string[]) => execa('npm', words, { cwd: folder });
    await npm('ci', '--no-audit', '--no-fund');
    await npm('run', 'build');
  } catch (error) {
    await remove();
    throw error;
  }
  return { name, folder, [Symbol.asyncDispose]: remove };
}
