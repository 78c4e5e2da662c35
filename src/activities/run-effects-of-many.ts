import pLimit from 'p-limit';
import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import { SyncError } from '../errors/sync-error.ts';
import { tryTimeout } from '../temporal/timeouts.ts';
import { runEffects } from './run-effects.ts';
import type { EffectDeps } from './run-effects.ts';

export interface Applied {
  event: ChangeEvent;
  result: ApplyResult;
}

/** Events whose effects run at a time. */
const atOnce = 16;
/** None are begun after so long, milliseconds: the try they are part of has an end. */
const budgetMs = tryTimeout / 3;

/**
 * Runs the effects of events that were applied together, in one try each. Of several events of one row only the last one's:
 * it has brought what the row is now. Returns those whose effects failed or were not begun. Throws where what an effect needs is away:
 * all of them are to wait for it.
 */
export async function runEffectsOfMany<T extends Applied>(
  deps: EffectDeps,
  applied: readonly T[],
): Promise<T[]> {
  const ofRows = new Map(applied.map((each) => [each.event.primary_key, each]));
  const until = performance.now() + budgetMs;
  const limit = pLimit(atOnce);
  let away: SyncError | null = null;
  const left: T[] = [];
  const run = async (each: T) => {
    try {
      if (away !== null || performance.now() > until) left.push(each);
      else await runEffects(deps, each.event, each.result);
    } catch (error) {
      if (error instanceof SyncError && error.errorClass === 'unavailable') away = error;
      left.push(each);
    }
  };
  await Promise.all([...ofRows.values()].map((each) => limit(() => run(each))));
  if (away !== null) throw away;
  return left;
}
