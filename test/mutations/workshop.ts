import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';
import { switchedOff } from './guards.ts';
import type { Edit, Guard } from './guards.ts';

/** A copy of the sources to switch guards off in; the project's own files are never touched. */
export class Workshop implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Copies what is named, and links what is only read. */
  static async open(copied: readonly string[], linked: readonly string[]): Promise<Workshop> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-mutations-'));
    for (const name of copied) await cp(join(packageRoot, name), join(folder, name), { recursive: true });
    for (const name of linked) await symlink(join(packageRoot, name), join(folder, name));
    return new Workshop(folder);
  }

  /** Runs `work` while the guard is off. Throws where an edit no longer fits its file. */
  async without<T>(guard: Guard, work: () => Promise<T>): Promise<T> {
    const files = [...new Set(guard.edits.map(({ file }) => file))];
    const originals = await Promise.all(files.map((file) => readFile(join(this.folder, file), 'utf8')));
    try {
      for (const edit of guard.edits) await this.#apply(guard, edit);
      return await work();
    } finally {
      for (const [index, file] of files.entries())
        await writeFile(join(this.folder, file), originals[index]!);
    }
  }

  async #apply(guard: Guard, edit: Edit): Promise<void> {
    const path = join(this.folder, edit.file);
    await writeFile(path, switchedOff(guard, edit, await readFile(path, 'utf8')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
