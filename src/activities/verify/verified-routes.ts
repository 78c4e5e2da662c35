import type { ManyDeps } from '../../apply/apply-many.ts';
import type { VerifiedEntity } from '../../temporal/verify.ts';
import type { ActivityDeps } from '../deps.ts';
import { applyDepsOf } from '../route-of.ts';

/** An entity's two ways. */
export interface BothWays {
  forth: ManyDeps;
  /** Null for one-way entities. */
  back: ManyDeps | null;
}

export function bothWays(deps: ActivityDeps, { entity, side, other }: VerifiedEntity): BothWays {
  const forth = applyDepsOf(deps, entity, side);
  return { forth, back: forth.route.twoWay ? applyDepsOf(deps, entity, other) : null };
}
