import { broughtBy, lookAtRow } from '../apply/look-at-row.ts';
import { editedEvent } from '../pipeline/edited-event.ts';
import type { DeadLetterActivities } from '../temporal/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { eventOf, routeOf } from './route-of.ts';

/** A correction that was accepted is looked at as it would be applied. */
export function lookAtDeadRowActivity(deps: ActivityDeps): DeadLetterActivities['lookAtDeadRow'] {
  return async ({ subject, corrected }) => {
    const of = routeOf(deps, subject);
    if (subject.kind === 'hint') {
      const row = await of.source.findRow(of.route.source, subject.key);
      return lookAtRow(of, { key: subject.key, values: row && row.values });
    }
    const event = await eventOf(deps, subject);
    return lookAtRow(of, broughtBy(of, corrected ? editedEvent(of.route, event, corrected) : event));
  };
}
