import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../src/package-root.ts';
import type { Build } from '../chaos/build.ts';

/**
 * This build as whoever installs it has it: packed into a tarball, and installed from that in an empty folder, which is
 * removed at the end. What it is packed from is in `dist`.
 */
export async function installPacked(): Promise<Build & AsyncDisposable> {
  const top = await mkdtemp(join(tmpdir(), 'tandem-packed-'));
  const remove = () => rm(top, { recursive: true, force: true });
  try {
    const packed = await execa('npm', ['pack', '--json', '--pack-destination', top], { cwd: packageRoot });
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    await writeFile(join(top, 'package.json'), '{ "private": true }');
    await execa('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', join(top, filename)], {
      cwd: top,
    });
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    name: 'this build',
    folder: join(top, 'node_modules', 'tandem-sync'),
    [Symbol.asyncDispose]: remove,
  };
}
