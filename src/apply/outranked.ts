import type { ChangeEvent } from '../change/event.ts';
import { identityKey } from './identity-key.ts';
import type { ApplyDeps } from './resolve-identity.ts';
import { followsPosition } from './one-way.ts';
import { readHeld, versionOf } from './situation.ts';
import { isNewer } from './version.ts';

/**
 * Whether the target holds a later version of the event's row already, or its tombstone; then it always will. Such an
 * event needs no parent: the row it refers to may be gone with the child's own delete. Only where versions or positions
 * alone decide.
 */
export async function isOutranked(
  { target, route }: Pick<ApplyDeps, 'target' | 'route'>,
  event: ChangeEvent,
  targetKey: string | null,
): Promise<boolean> {
  const identity = await target.findIdentity(identityKey(route, route.entity, event.primary_key));
  if (!route.twoWay) return identity !== null && !followsPosition(identity, event);
  if (route.policy !== 'last_write_wins') return false;
  const version = versionOf(route, event);
  const look = {
    lockRow: target.findRow.bind(target),
    findLocalTombstone: target.findLocalTombstone.bind(target),
  };
  const known = identity ?? { targetKey: null, tombstone: null, written: null, rowHash: null };
  const held = await readHeld(look, route, known, identity?.targetKey ?? targetKey);
  return version !== null && !isNewer(version, held.version, route.fixedSide);
}
