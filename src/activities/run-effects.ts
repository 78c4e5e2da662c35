import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { SyncActivities } from '../temporal/messages.ts';
import type { EffectContext, PublicationDefinition } from '../pipeline/effects.ts';
import { transformChange } from '../pipeline/transform.ts';
import type { ActivityDeps } from './deps.ts';
import { follows } from './has-effects.ts';
import { publishChange } from './publish-change.ts';
import { applyDepsOf, eventOf } from './route-of.ts';

export function runEffectsActivity(deps: ActivityDeps): SyncActivities['runEffects'] {
  return async ({ subject, result }) => {
    const event = await eventOf(deps, subject);
    await runEffects(deps, { event, result });
    deps.fuse.succeeded(event.entity_type);
  };
}

export type EffectDeps = Pick<ActivityDeps, 'pipeline' | 'databases' | 'bus' | 'tools'>;

export interface Applied {
  event: ChangeEvent;
  result: Pick<ApplyResult, 'outcome' | 'target_key'>;
}

/** At least once, in the pipeline's order; a later effect does not run before an earlier one has succeeded. */
export async function runEffects(deps: EffectDeps, applied: Applied): Promise<void> {
  const { event, result } = applied;
  for (const effect of deps.pipeline
    .effects(event.entity_type)
    .filter((each) => follows(each, result.outcome)))
    if ('topic' in effect) await publish(deps, effect, event);
    else await effect.run([contextOf(deps, applied)], deps.tools);
}

export function contextOf({ pipeline }: EffectDeps, { event, result }: Applied): EffectContext {
  const route = pipeline.route(event.entity_type, event.source)!;
  // A row that was read and was not there.
  const isGone = Object.keys(event.payload).length === 0;
  return {
    event,
    outcome: result.outcome,
    targetKey: result.target_key,
    ...(isGone ? { row: null, before: null } : transformChange(route, event)),
  };
}

export const publish = (deps: EffectDeps, publication: PublicationDefinition, event: ChangeEvent) =>
  publishChange(deps.bus!, applyDepsOf(deps, event.entity_type, event.source), publication, event);
