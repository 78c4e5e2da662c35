import { transformChange } from '../pipeline/transform.ts';
import type { SyncActivities } from '../temporal/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { eventOf, routeOf } from './route-of.ts';
import { settledEvent } from '../apply/settled-event.ts';

/** A record too large for Temporal gives an empty marker here: its row must not come back into history. So does a row that is yet to be read. */
export function transformChangeActivity(deps: ActivityDeps): SyncActivities['transformChange'] {
  return async ({ subject }) => {
    const { route, source } = routeOf(deps, subject);
    if (subject.kind !== 'event') return { row: null, before: null };
    const event = await eventOf(deps, subject);
    return transformChange(route, subject.edited ? event : await settledEvent(source, route, event));
  };
}
