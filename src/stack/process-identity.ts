import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** Names one process for ever: a number alone is used again, together with its start time it is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and start, as Linux keeps them. */
  readonly startTicks: string;
  readonly bootId: string;
}

interface ProcessStat {
  state: string;
  group: number;
  startTicks: string;
}

function statOf(pid: number): ProcessStat | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in brackets and may itself hold blanks and brackets.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', group: Number(fields[2]), startTicks: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

const isEnded = ({ state }: ProcessStat): boolean => state === 'Z' || state === 'X';

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** The main thread of a killed process ends before the others, which still hold its files and ports. */
function hasThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false;
  }
}

/** Undefined when no such process lives. A zombie has ended and does not count, once all its threads have. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  if (!stat || (isEnded(stat) && !hasThreads(pid))) return undefined;
  return { pid, startTicks: stat.startTicks, bootId: bootId() };
}

export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && now.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/** Living processes of a program that work in a folder. Only those the caller may look into are seen. */
export function processesIn(folder: string, program: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!Number.isInteger(pid) || pid <= 0) return false;
      try {
        const runs = basename(readlinkSync(`/proc/${pid}/exe`)) === program;
        return runs && readlinkSync(`/proc/${pid}/cwd`) === folder;
      } catch {
        return false;
      }
    });
}

/**
 * Living processes of the group that this process leads or led. Empty when its number was given to another
 * process since, for then the group may be that one's.
 */
export function groupOf(identity: ProcessIdentity): number[] {
  if (identity.bootId !== bootId()) return [];
  const leader = statOf(identity.pid);
  if (leader && leader.startTicks !== identity.startTicks) return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0)
    .filter((pid) => {
      const stat = statOf(pid);
      return stat?.group === identity.pid && (!isEnded(stat) || hasThreads(pid));
    });
}
