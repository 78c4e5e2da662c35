import { applyMany } from '../apply/apply-many.ts';
import type { BatchActivities } from '../temporal/batch.ts';
import { unpackEvents } from '../temporal/packed-events.ts';
import type { ActivityDeps } from './deps.ts';
import { refusePaused } from './hold.ts';
import { applyDepsOf } from './route-of.ts';
import { settleMany } from './settle-many.ts';

export function applyBatchActivity(deps: ActivityDeps): BatchActivities['applyBatch'] {
  return async (input) => {
    const events = await unpackEvents(input.events);
    const [first] = events;
    if (!first) return { outcomes: {}, left: [] };
    refusePaused(deps, { kind: 'event', event: first });
    const of = applyDepsOf(deps, first.entity_type, first.source);
    const { outcomes, left } = await settleMany(deps, of, events, await applyMany(of, events));
    return { outcomes, left: left.map((index) => events[index]!.event_id) };
  };
}
