import type { BatchActivities } from '../temporal/batch.ts';
import { unpackEvents } from '../temporal/packed-events.ts';
import type { ActivityDeps } from './deps.ts';
import { startSubjects } from './start-subjects.ts';

export function startEventsActivity(deps: ActivityDeps): BatchActivities['startEvents'] {
  return async ({ events, only, limits }) => {
    const wanted = only && new Set(only);
    const left = (await unpackEvents(events)).filter(({ event_id: id }) => wanted?.has(id) ?? true);
    await startSubjects(
      deps,
      left.map((event) => ({ kind: 'event', event })),
      limits,
    );
    return left.map(({ event_id: id }) => id);
  };
}
