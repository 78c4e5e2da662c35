import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { SyncActivities } from '../temporal/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { publishChange } from './publish-change.ts';
import { applyDepsOf, eventOf } from './route-of.ts';

export function runEffectsActivity(deps: ActivityDeps): SyncActivities['runEffects'] {
  return async ({ subject, result }) => {
    const event = await eventOf(deps, subject);
    await runEffects(deps, event, result);
    deps.fuse.succeeded(event.entity_type);
  };
}

export type EffectDeps = Pick<ActivityDeps, 'pipeline' | 'databases' | 'bus'>;

/** At least once, in the pipeline's order; a later effect does not run before an earlier one has succeeded. */
export async function runEffects(
  deps: EffectDeps,
  event: ChangeEvent,
  { outcome, target_key: targetKey }: Pick<ApplyResult, 'outcome' | 'target_key'>,
): Promise<void> {
  for (const effect of deps.pipeline.effects(event.entity_type))
    if ('topic' in effect)
      await publishChange(deps.bus!, applyDepsOf(deps, event.entity_type, event.source), effect, event);
    else await effect.run({ event, outcome, targetKey });
}
