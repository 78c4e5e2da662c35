import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { ActivityDeps } from './deps.ts';

/** By the stored outcome: a crash between the commit and the effects does not lose them. */
export const hasEffects = (
  { pipeline }: Pick<ActivityDeps, 'pipeline'>,
  event: ChangeEvent,
  { outcome }: ApplyResult,
): boolean =>
  (outcome === 'applied' || outcome === 'conflict_applied') && pipeline.effects(event.entity_type).length > 0;
