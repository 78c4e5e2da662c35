import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './random.ts';
import type { Target } from './targets.ts';

export interface Fault {
  target: string;
  kind: 'SIGKILL' | 'SIGSTOP';
  /** Since the run began, milliseconds. */
  at: number;
  /** Until it worked again, or was let go on; milliseconds. */
  lasted: number;
}

/** How long a stopped part stands still, and a killed one stays away before it is started again; seconds. */
const stillSeconds = { least: 1, most: 8 };
const awaySeconds = { least: 0, most: 3 };
/** Between two faults, seconds. */
const quietSeconds = { least: 2, most: 10 };
/** How often a second part fails at the same time. */
const together = 0.2;

const signal = (pids: readonly number[], name: NodeJS.Signals): void => {
  for (const pid of pids)
    try {
      process.kill(pid, name);
    } catch {
      // Ended meanwhile.
    }
};

async function strike(target: Target, random: Random, faults: Fault[], begun: number): Promise<void> {
  const at = Date.now();
  const pids = target.pids();
  if (pids.length === 0) return;
  const kind = random.next() < 0.5 ? 'SIGKILL' : 'SIGSTOP';
  const { least, most } = kind === 'SIGKILL' ? awaySeconds : stillSeconds;
  const rest = 1000 * random.between(least, most);
  if (kind === 'SIGKILL') target.expectEnd?.();
  signal(pids, kind);
  try {
    await delay(rest);
  } finally {
    if (kind === 'SIGSTOP') signal(pids, 'SIGCONT');
  }
  if (kind === 'SIGKILL') await target.restart();
  faults.push({ target: target.name, kind, at: at - begun, lasted: Date.now() - at });
}

/** Kills and stops parts until the signal aborts; then everything works again. Returns what it did. */
export async function torment(
  targets: readonly Target[],
  random: Random,
  stopping: AbortSignal,
  faults: Fault[],
): Promise<void> {
  const begun = Date.now();
  // Every part is hit before any is hit again, in an order of the seed's.
  let left: Target[] = [];
  const next = (): Target => {
    if (left.length === 0) left = [...targets];
    return left.splice(random.below(left.length), 1)[0]!;
  };
  while (!stopping.aborted) {
    await delay(1000 * random.between(quietSeconds.least, quietSeconds.most), undefined, {
      signal: stopping,
    }).catch(() => undefined);
    if (stopping.aborted) return;
    const hit = [next(), ...(random.next() < together && left.length > 0 ? [next()] : [])];
    await Promise.all(hit.map((target) => strike(target, random, faults, begun)));
  }
}
