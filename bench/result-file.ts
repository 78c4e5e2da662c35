import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.ts';

/** Writes figures with the time and the machine to a file of `bench/results`; returns its path. */
export async function writeResult(prefix: string, figures: object): Promise<string> {
  const at = new Date().toISOString();
  const folder = join(packageRoot, 'bench', 'results');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${prefix}${at.slice(0, 16).replaceAll(':', '-')}.json`);
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
  };
  await writeFile(file, `${JSON.stringify({ at, machine, ...figures }, null, 2)}\n`);
  return file;
}
