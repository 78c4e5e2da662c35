import type { WaitingActivities } from '../temporal/waiting.ts';
import type { ActivityDeps } from './deps.ts';
import { eventOf, routeOf } from './route-of.ts';
import { waitingChain } from './waiting-chain.ts';

/** The awaited change comes from where the event came from, whichever side its row is named by. */
export function lookAtWaitActivity(deps: ActivityDeps): WaitingActivities['lookAtWait'] {
  return async ({ subject, awaits, deadlineMs }) => {
    const { timestamp, source } = await eventOf(deps, subject);
    const liveMs = await deps.streams.liveMs(awaits.entity, source, Date.parse(timestamp));
    if (liveMs < deadlineMs) return { liveMs, chain: '' };
    return { liveMs, chain: await waitingChain(deps, routeOf(deps, subject), awaits) };
  };
}
