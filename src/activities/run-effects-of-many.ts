import pLimit from 'p-limit';
import { SyncError } from '../errors/sync-error.ts';
import type { ActionDefinition, PublicationDefinition } from '../pipeline/effects.ts';
import { tryTimeout } from '../temporal/timeouts.ts';
import { follows } from './has-effects.ts';
import { contextOf, publish } from './run-effects.ts';
import type { Applied, EffectDeps } from './run-effects.ts';

/** Messages under way at a time. */
const atOnce = 16;
/** None are begun after so long, milliseconds: the try they are part of has an end. */
const budgetMs = tryTimeout / 3;

/**
 * Runs the effects of events of one entity that were applied together, in one try each; what failed in one goes into no later
 * one. Of several events of one row only the last is published: it has brought what the row is now. Returns those whose effects
 * failed or were not begun. Throws where what an effect needs is away: all of them are to wait for it.
 */
export async function runEffectsOfMany<T extends Applied>(
  deps: EffectDeps,
  applied: readonly T[],
): Promise<T[]> {
  const [first] = applied;
  if (!first) return [];
  const left = new Set<T>();
  const until = performance.now() + budgetMs;
  for (const effect of deps.pipeline.effects(first.event.entity_type)) {
    const open = applied.filter((each) => !left.has(each) && follows(effect, each.result.outcome));
    const failed =
      'topic' in effect ? await publishMany(deps, effect, open, until) : await act(deps, effect, open);
    for (const each of failed) left.add(each);
  }
  return [...left];
}

async function act<T extends Applied>(
  deps: EffectDeps,
  effect: ActionDefinition,
  applied: readonly T[],
): Promise<readonly T[]> {
  if (applied.length === 0) return [];
  try {
    await effect.run(
      applied.map((each) => contextOf(deps, each)),
      deps.tools,
    );
    return [];
  } catch (error) {
    if (isAway(error)) throw error;
    return applied;
  }
}

async function publishMany<T extends Applied>(
  deps: EffectDeps,
  publication: PublicationDefinition,
  applied: readonly T[],
  until: number,
): Promise<readonly T[]> {
  const ofRows = new Map(applied.map((each) => [each.event.primary_key, each]));
  const limit = pLimit(atOnce);
  let away: unknown = null;
  const failed: T[] = [];
  const run = async (each: T) => {
    try {
      if (away !== null || performance.now() > until) failed.push(each);
      else await publish(deps, publication, each.event);
    } catch (error) {
      if (isAway(error)) away = error;
      failed.push(each);
    }
  };
  await Promise.all([...ofRows.values()].map((each) => limit(() => run(each))));
  if (away !== null) throw away;
  return failed;
}

const isAway = (error: unknown) => error instanceof SyncError && error.errorClass === 'unavailable';
