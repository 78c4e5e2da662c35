import { setTimeout as delay } from 'node:timers/promises';

/** A task is idle for so many times as long as it took. */
const idleTimes = 20;

/**
 * Repeats a task until the signal aborts, the interval after its end, or later where it took long: what a question costs
 * whoever answers it grows with what is open, and is not to keep them from the work itself. The task must not reject.
 */
export async function paced(
  task: () => Promise<unknown>,
  intervalMs: () => number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const began = performance.now();
    await task();
    const took = performance.now() - began;
    await delay(Math.max(intervalMs(), took * idleTimes), undefined, { signal }).catch(() => {});
  }
}
