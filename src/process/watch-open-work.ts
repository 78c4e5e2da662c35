import { paced } from '../ingest/paced.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { OpenWork } from '../observability/open-work.ts';

const intervalMs = 2000;

/** Keeps the gauges of open events and dead letters up to date until the signal aborts; keeps the last figures in an outage. */
export function watchOpenWork(
  work: readonly OpenWork[],
  metrics: Metrics,
  signal: AbortSignal,
): Promise<void> {
  const look = async () => {
    await Promise.allSettled(work.map((each) => each.refresh()));
    metrics.inFlight(work.reduce((sum, { inFlight }) => sum + inFlight, 0));
    metrics.deadLetters(work.reduce((sum, { deadLetters }) => sum + deadLetters, 0));
  };
  return paced(look, () => intervalMs, signal);
}
