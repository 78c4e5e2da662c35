import { identityKey } from '../../apply/identity-key.ts';
import type { Suspect } from '../../temporal/verify.ts';
import type { ActivityDeps } from '../deps.ts';
import type { BothWays } from './verified-routes.ts';

/** What was started is in visibility after so long, milliseconds. */
const visibleMs = 2000;

/**
 * Whether all changes that were committed up to a time (milliseconds since the epoch) have come to their end: captured, consumed,
 * and applied or waiting for another row. Asked of both ways: for how long the stream has been past the time, and whether a workflow
 * that was started before that is still open. A database's clock may be ahead of this one's.
 */
export async function quietUntil(
  deps: ActivityDeps,
  { forth, back }: BothWays,
  times: readonly number[],
): Promise<number> {
  const ways = back === null ? [forth] : [forth, back];
  const { entity } = forth.route;
  for (const time of [...new Set(times)].toSorted((a, b) => b - a)) {
    const committed = time + deps.maxClockSkewSeconds * 1000;
    const live = await Promise.all(
      ways.map(({ route }) => liveMs(deps, entity, route.source.side, committed)),
    );
    const shortest = Math.min(...live);
    if (shortest >= visibleMs && !(await deps.anyOpen(entity, Date.now() - shortest))) return time;
  }
  return -Infinity;
}

/** A side that is polled has no stream; its changes are found by the next comparison at the latest. */
function liveMs(deps: ActivityDeps, entity: string, side: string, committed: number): Promise<number> {
  if (deps.pipeline.sides.get(side)!.polling === null) return deps.streams.liveMs(entity, side, committed);
  const { compareMs, overlapMs, intervalMs } = deps.polling;
  return Promise.resolve(Date.now() - committed - compareMs - 2 * overlapMs - intervalMs);
}

/** Whether an event of either row waits for another row. */
export async function isWaiting({ forth, back }: BothWays, { key, other }: Suspect): Promise<boolean> {
  const asked = [
    ...(key === null ? [] : [forth.target.findWaiting(identityKey(forth.route, forth.route.entity, key))]),
    ...(other === null || back === null
      ? []
      : [back.target.findWaiting(identityKey(back.route, back.route.entity, other))]),
  ];
  return (await Promise.all(asked)).some((waiting) => waiting !== null);
}
