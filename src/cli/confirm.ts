import { createInterface } from 'node:readline/promises';
import { ConfigError } from '../errors/config-error.ts';

/** Asks on the terminal; without one it throws, since nobody could answer. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new ConfigError(['nobody is there to confirm: say --yes to carry it out']);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
