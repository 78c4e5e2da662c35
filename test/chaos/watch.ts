import { setTimeout as delay } from 'node:timers/promises';
import { workflowTypes } from '../../src/temporal/names.ts';
import type { Pace } from './pace.ts';
import type { System } from './system.ts';

/** What was seen from outside while it ran. */
export interface Sightings {
  mostOpen: number;
  worstLagSeconds: number;
}

const lagLine = /^\w*sync_lag_seconds(?:\{[^}]*\})? (\S+)/gm;

async function worstLag({ processes }: System): Promise<number> {
  const texts = await Promise.all(processes.map((each) => each.metrics().catch(() => '')));
  const values = texts.flatMap((text) => [...text.matchAll(lagLine)].map(([, value]) => Number(value)));
  return Math.max(0, ...values.filter(Number.isFinite));
}

/** Looks on until the signal aborts and tells the writers how much is open. */
export async function watch(
  system: System,
  pace: Pace,
  sightings: Sightings,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const open = await system.running(workflowTypes.syncChange).catch(() => null);
    const lag = await system.lag().catch(() => 0);
    if (open !== null) {
      pace.open = open + lag;
      sightings.mostOpen = Math.max(sightings.mostOpen, open + lag);
    }
    sightings.worstLagSeconds = Math.max(sightings.worstLagSeconds, await worstLag(system));
    await delay(1500, undefined, { signal }).catch(() => undefined);
  }
}
