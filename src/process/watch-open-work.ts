import { setTimeout as delay } from 'node:timers/promises';
import type { Metrics } from '../observability/metrics.ts';
import type { OpenWork } from '../observability/open-work.ts';

const intervalMs = 2000;

/** Keeps the gauges of open events and dead letters up to date until the signal aborts; keeps the last figures in an outage. */
export async function watchOpenWork(
  work: readonly OpenWork[],
  metrics: Metrics,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await Promise.allSettled(work.map((each) => each.refresh()));
    metrics.inFlight(work.reduce((sum, { inFlight }) => sum + inFlight, 0));
    metrics.deadLetters(work.reduce((sum, { deadLetters }) => sum + deadLetters, 0));
    await delay(intervalMs, undefined, { signal }).catch(() => {});
  }
}
