import type { BatchActivities } from '../temporal/batch.ts';
import type { ActivityDeps } from './deps.ts';
import { startSubjects } from './start-subjects.ts';

export function startEventsActivity(deps: ActivityDeps): BatchActivities['startEvents'] {
  return ({ events, limits }) =>
    startSubjects(
      deps,
      events.map((event) => ({ kind: 'event', event })),
      limits,
    );
}
