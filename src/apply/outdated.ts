import type { ChangeEvent } from '../change/event.ts';
import type { ApplyDeps } from './resolve-identity.ts';
import { claimScope, isToward } from './claims.ts';
import { identityKey } from './identity-key.ts';

/**
 * What an event of a matched entity is when its row is not there any more on its side: nothing to bring, since the change
 * that ended the row, or moved it to another key, has the later version and comes by itself. `end`: of a change of key
 * there is the end of the previous key left, as a delete of it. Null where the row is there.
 */
export async function outdatedAs(
  deps: ApplyDeps,
  event: ChangeEvent,
): Promise<{ end: ChangeEvent | null } | null> {
  const { source, route } = deps;
  const { previous_key: previous, ...kept } = event;
  if (event.operation === 'DELETE' || (await source.findRow(route.source, event.primary_key))) return null;
  if (previous === undefined || (await livesOn(deps, previous))) return { end: null };
  const clock = event.clock === null ? null : String(BigInt(event.clock) - 1n);
  return { end: { ...kept, operation: 'DELETE', primary_key: previous, before: null, clock } };
}

/** Whether the previous key's target row is by now another key's, or the key itself is used again. */
async function livesOn({ source, target, route }: ApplyDeps, previous: string): Promise<boolean> {
  const known = await target.findIdentity(identityKey(route, route.entity, previous));
  if (isToward(route) || known?.targetKey == null) return false;
  const claim = await source.findClaim(claimScope(route), { otherKey: known.targetKey });
  return (
    claim !== null &&
    claim.fixedKey !== previous &&
    (await source.findRow(route.source, claim.fixedKey)) !== null
  );
}
