import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult, Outcome } from '../change/outcome.ts';
import type { EffectDefinition } from '../pipeline/effects.ts';
import type { ActivityDeps } from './deps.ts';

export const follows = (effect: EffectDefinition, outcome: Outcome): boolean =>
  outcome === 'applied' ||
  outcome === 'conflict_applied' ||
  (outcome === 'stale' && 'run' in effect && (effect.afterStale ?? false));

/** By the stored outcome: a crash between the commit and the effects does not lose them. */
export const hasEffects = (
  { pipeline }: Pick<ActivityDeps, 'pipeline'>,
  event: ChangeEvent,
  { outcome }: ApplyResult,
): boolean => pipeline.effects(event.entity_type).some((effect) => follows(effect, outcome));
