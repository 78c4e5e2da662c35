import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { identify, isAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { becomes } from './wait.ts';

const dayMs = 24 * 60 * 60 * 1000;

function holderOf(file: string): { text: string; holder: ProcessIdentity } | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    return { text, holder: JSON.parse(text) as ProcessIdentity };
  } catch {
    return undefined;
  }
}

/** Takes the file, whole content at once, unless it is there. */
function take(file: string, mine: string): boolean {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, mine);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Moves away the lock of a process that has ended. */
function clearStale(file: string): void {
  const seen = holderOf(file);
  if (!seen || isAlive(seen.holder)) return;
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    // Another process may have cleared and taken it in between: then it gets it back.
    if (readFileSync(aside, 'utf8') !== seen.text) linkSync(aside, file);
  } catch {
    // Someone else was faster; the next look tells.
  } finally {
    rmSync(aside, { force: true });
  }
}

/**
 * Runs the task while no other process (and no other call in this one) holds the same file. The lock of a
 * process that died is taken over.
 */
export async function withLock<T>(
  file: string,
  task: () => Promise<T>,
  options: { signal?: AbortSignal | undefined; onWait?: () => void } = {},
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const mine = JSON.stringify({ ...identify(process.pid), call: randomUUID() });
  if (!take(file, mine)) {
    options.onWait?.();
    const attempt = (): boolean => {
      clearStale(file);
      return take(file, mine);
    };
    const mineNow = await becomes(attempt, { limitMs: dayMs, everyMs: 200, signal: options.signal });
    if (!mineNow) throw new Error(`${file} was held for a day`);
  }
  try {
    return await task();
  } finally {
    if (holderOf(file)?.text === mine) rmSync(file, { force: true });
  }
}
