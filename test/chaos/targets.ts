import { readdirSync, readFileSync } from 'node:fs';
import type { Stack } from '../../src/stack/stack.ts';
import { readRecord } from '../../src/stack/server-process.ts';
import type { TandemProcess } from './processes.ts';

/** Something the nemesis may kill or stop. */
export interface Target {
  readonly name: string;
  /** Every process of it, the one that holds the others first. */
  pids(): number[];
  /** Told before it is killed. */
  expectEnd?(): void;
  /** Starts it again after it was killed; returns when it works. */
  restart(): Promise<unknown>;
}

export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((each) => {
      if (!Number.isInteger(each) || each <= 0) return false;
      try {
        const stat = readFileSync(`/proc/${each}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
      } catch {
        return false;
      }
    });
}

/** A server of the embedded stack, with the processes it started: PostgreSQL serves each session by one. */
export const serverTarget = (stack: Stack, name: string): Target => ({
  name,
  pids() {
    const pid = readRecord(stack.folders.record(name))?.identity.pid;
    return pid === undefined ? [] : [pid, ...childrenOf(pid)];
  },
  restart: () => stack.up({ only: [name] }),
});

export const processTarget = (process: TandemProcess): Target => ({
  name: process.name,
  pids: () => (process.pid === undefined ? [] : [process.pid]),
  expectEnd: () => void (process.expectedToEnd = true),
  async restart() {
    // Collects what the signal left.
    await process.kill();
    await process.start();
  },
});
