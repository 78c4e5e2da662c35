import { readdirSync, readFileSync } from 'node:fs';
import { identify } from '../../src/stack/process-identity.ts';

/** Command lines of living processes that mention a folder: a stack's servers name their own home. */
export function commandsIn(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && identify(Number(name)))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((command) => command.includes(folder));
}
