import { applyMany } from '../apply/apply-many.ts';
import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult, Outcome } from '../change/outcome.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { BatchActivities } from '../temporal/batch.ts';
import type { ActivityDeps } from './deps.ts';
import { refusePaused } from './hold.ts';
import { raiseConflict } from './raise-conflict.ts';
import { applyDepsOf } from './route-of.ts';

export function applyBatchActivity(deps: ActivityDeps): BatchActivities['applyBatch'] {
  return async ({ events }) => {
    const [first] = events;
    if (!first) return { outcomes: {}, left: [] };
    refusePaused(deps, { kind: 'event', event: first });
    const of = applyDepsOf(deps, first.entity_type, first.source);
    const endings = await applyMany(of, events);
    assertAnswered(endings);

    const outcomes: Partial<Record<Outcome, number>> = {};
    const left: string[] = [];
    for (const [index, event] of events.entries()) {
      const ending = endings[index]!;
      if (ending.status === 'rejected') {
        left.push(event.event_id);
        continue;
      }
      const result = ending.value;
      await raiseConflict(deps, of, event, result);
      if (hasEffects(deps, event, result)) {
        left.push(event.event_id);
        continue;
      }
      outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
      deps.observer.applied(event, result, (Date.now() - Date.parse(event.timestamp)) / 1000);
    }
    if (left.length < events.length) deps.fuse.succeeded(first.entity_type);
    return { outcomes, left };
  };
}

/**
 * Throws where a database is away, or nothing at all could be locked: that is not for each event's own workflow to find out.
 * What was applied is found in the ledger by the next try.
 */
function assertAnswered(endings: readonly PromiseSettledResult<ApplyResult>[]): void {
  const classOf = (ending: PromiseSettledResult<ApplyResult>) =>
    ending.status === 'rejected' && ending.reason instanceof SyncError ? ending.reason.errorClass : null;
  const away = endings.find((ending) => classOf(ending) === 'unavailable');
  const contended = endings.every((ending) => classOf(ending) === 'contention') ? endings[0] : undefined;
  const why = away ?? contended;
  if (why?.status === 'rejected') throw why.reason;
}

/** Its own workflow finds the outcome in the ledger, and runs them. */
const hasEffects = ({ pipeline }: ActivityDeps, event: ChangeEvent, { outcome }: ApplyResult): boolean =>
  (outcome === 'applied' || outcome === 'conflict_applied') && pipeline.effects(event.entity_type).length > 0;
