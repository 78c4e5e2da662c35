import { readFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { readRecord } from '../src/stack/server-process.ts';
import type { Stack } from '../src/stack/stack.ts';
import { childrenOf } from '../test/chaos/targets.ts';

/** Milliseconds of processor time by part: the servers by their names, and `tandem`. */
export type CpuMs = Readonly<Record<string, number>>;

/** Linux counts them in hundredths of a second on every machine. */
const tickMs = 10;

function ticksOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

/** What every part has used so far; of processes that have ended nothing. */
export function cpuOf(stack: Stack, tandem: readonly ChildProcess[]): CpuMs {
  const sum = (pids: readonly number[]) => pids.reduce((ticks, pid) => ticks + ticksOf(pid), 0);
  const servers = stack.parts.flatMap(({ name }): [string, number][] => {
    const pid = readRecord(stack.folders.record(name))?.identity.pid;
    return pid === undefined ? [] : [[name, sum([pid, ...childrenOf(pid)])]];
  });
  const all = [...servers, ['tandem', sum(tandem.map(({ pid }) => pid!))] as const];
  return Object.fromEntries(all.map(([name, ticks]) => [name, ticks * tickMs]));
}

export const cpuBetween = (before: CpuMs, after: CpuMs, events: number): CpuMs =>
  Object.fromEntries(
    Object.entries(after).map(([name, ms]) => [name, Math.max(0, ms - (before[name] ?? 0)) / events]),
  );
