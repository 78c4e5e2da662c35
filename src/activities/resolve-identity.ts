import { resolveIdentity } from '../apply/resolve-identity.ts';
import type { SyncActivities } from '../temporal/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { eventOf, routeOf } from './route-of.ts';

/** A record too large for Temporal gives an empty marker here: `upsertRow` resolves it when it has read the record. */
export function resolveIdentityActivity(deps: ActivityDeps): SyncActivities['resolveIdentity'] {
  return async ({ subject }) => {
    const route = routeOf(deps, subject);
    if (subject.kind === 'event') return resolveIdentity(route, await eventOf(deps, subject));
    return { targetKey: null, references: {}, echo: false };
  };
}
