import { classOf } from '../apply/apply-many.ts';
import type { ManyDeps } from '../apply/apply-many.ts';
import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult, Outcome } from '../change/outcome.ts';
import type { ActivityDeps } from './deps.ts';
import { hasEffects } from './has-effects.ts';
import { raiseConflict } from './raise-conflict.ts';

export type Ending = PromiseSettledResult<ApplyResult>;

/** What events of one route came to that were applied together. */
export interface Settled {
  outcomes: Partial<Record<Outcome, number>>;
  /** Indices of those that are for a workflow of their own: they failed by themselves, or have effects to run. */
  left: number[];
}

/**
 * Does what follows each event that was applied, and says which are left. Throws where a database is away, or nothing at
 * all could be locked: that is not for each event's own workflow to find out. What was applied the ledger tells next time.
 */
export async function settleMany(
  deps: ActivityDeps,
  of: ManyDeps,
  events: readonly ChangeEvent[],
  endings: readonly Ending[],
): Promise<Settled> {
  assertAnswered(endings);
  const outcomes: Settled['outcomes'] = {};
  const left: number[] = [];
  for (const [index, event] of events.entries()) {
    const ending = endings[index]!;
    if (ending.status === 'rejected') {
      left.push(index);
      continue;
    }
    const result = ending.value;
    await raiseConflict(deps, of, event, result);
    // Its own workflow finds the outcome in the ledger, and runs them.
    if (hasEffects(deps, event, result)) {
      left.push(index);
      continue;
    }
    outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
    deps.observer.applied(event, result, (Date.now() - Date.parse(event.timestamp)) / 1000);
  }
  if (left.length < events.length) deps.fuse.succeeded(of.route.entity);
  return { outcomes, left };
}

function assertAnswered(endings: readonly Ending[]): void {
  const away = endings.find((ending) => classOf(ending) === 'unavailable');
  const contended = endings.every((ending) => classOf(ending) === 'contention') ? endings[0] : undefined;
  const why = away ?? contended;
  if (why?.status === 'rejected') throw why.reason;
}
