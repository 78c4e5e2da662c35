import type { SyncActivities } from '../temporal/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { eventOf } from './route-of.ts';

/** At least once, in the pipeline's order; a later effect does not run before an earlier one has succeeded. */
export function runEffectsActivity(deps: ActivityDeps): SyncActivities['runEffects'] {
  return async ({ subject, result }) => {
    const event = await eventOf(deps, subject);
    for (const effect of deps.pipeline.effects(event.entity_type))
      await effect.run({ event, outcome: result.outcome, targetKey: result.target_key });
    deps.fuse.succeeded(event.entity_type);
  };
}
