import { classOf } from '../apply/apply-many.ts';
import type { ManyDeps } from '../apply/apply-many.ts';
import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult, Outcome } from '../change/outcome.ts';
import type { ActivityDeps } from './deps.ts';
import { hasEffects } from './has-effects.ts';
import { raiseConflict } from './raise-conflict.ts';
import { runEffectsOfMany } from './run-effects-of-many.ts';

export type Ending = PromiseSettledResult<ApplyResult>;

/** What events of one route came to that were applied together. */
export interface Settled {
  outcomes: Partial<Record<Outcome, number>>;
  /** Indices of those that are for a workflow of their own: they, or their effects, failed by themselves. */
  left: number[];
}

/**
 * Does what follows each event that was applied, effects included, and says which are left. Throws where a database, or what an
 * effect needs, is away, or nothing at all could be locked: that is not for each event's own workflow to find out. What was
 * applied the ledger tells next time.
 */
export async function settleMany(
  deps: ActivityDeps,
  of: ManyDeps,
  events: readonly ChangeEvent[],
  endings: readonly Ending[],
): Promise<Settled> {
  assertAnswered(endings);
  const applied = events.flatMap((event, index) => {
    const ending = endings[index]!;
    return ending.status === 'fulfilled' ? [{ index, event, result: ending.value }] : [];
  });
  for (const { event, result } of applied) await raiseConflict(deps, of, event, result);
  const followed = applied.filter(({ event, result }) => hasEffects(deps, event, result));
  // Their own workflows find the outcome in the ledger, and run the effects.
  const unfollowed = new Set(await runEffectsOfMany(deps, followed));
  const outcomes: Settled['outcomes'] = {};
  const settled = applied.filter((each) => !unfollowed.has(each));
  for (const { event, result } of settled) {
    outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
    deps.observer.applied(event, result, (Date.now() - Date.parse(event.timestamp)) / 1000);
  }
  if (settled.length > 0) deps.fuse.succeeded(of.route.entity);
  const done = new Set(settled.map(({ index }) => index));
  return { outcomes, left: [...events.keys()].filter((index) => !done.has(index)) };
}

function assertAnswered(endings: readonly Ending[]): void {
  const away = endings.find((ending) => classOf(ending) === 'unavailable');
  const contended = endings.every((ending) => classOf(ending) === 'contention') ? endings[0] : undefined;
  const why = away ?? contended;
  if (why?.status === 'rejected') throw why.reason;
}
