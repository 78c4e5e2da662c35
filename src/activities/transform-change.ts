import { transformChange } from '../pipeline/transform.ts';
import type { SyncActivities } from '../temporal/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { routeOf } from './route-of.ts';

/** A record too large for Temporal gives an empty marker here: its row must not come back into history. */
export function transformChangeActivity(deps: ActivityDeps): SyncActivities['transformChange'] {
  return async ({ subject }) => {
    const { route } = routeOf(deps, subject);
    return subject.kind === 'event' ? transformChange(route, subject.event) : { row: null, before: null };
  };
}
