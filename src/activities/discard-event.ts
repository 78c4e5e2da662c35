import type { DeadLetterActivities } from '../temporal/messages.ts';
import { subjectFacts } from '../temporal/subject.ts';
import type { ActivityDeps } from './deps.ts';
import { routeOf } from './route-of.ts';

/** A record nobody could parse has no ledger; there the closed dead letter itself keeps the decision. */
export function discardEventActivity(deps: ActivityDeps): DeadLetterActivities['discardEvent'] {
  return async ({ subject }) => {
    if (subject.kind === 'record') return 'discarded';
    const { target, route } = routeOf(deps, subject);
    const { eventId } = subjectFacts(subject);
    return target.transaction(async (tx) => {
      const processed = await tx.findProcessed(eventId);
      await tx.leaveWaitingRoom(eventId);
      if (processed) return processed.outcome;
      await tx.recordProcessed({
        eventId,
        pipeline: route.pipeline,
        entity: route.entity,
        outcome: 'discarded',
        targetKey: null,
      });
      return 'discarded';
    });
  };
}
