import type { ChangeEvent } from '../change/event.ts';
import type { Identity, Transaction } from '../database/contract.ts';
import type { Route } from '../pipeline/route.ts';
import { identityKey } from './identity-key.ts';

/**
 * Moves the target row of a re-keyed source row from its previous key's identity to `identity`, in the transaction.
 * The previous key keeps a tombstone just below the new version, so that a late event of the old key cannot make a
 * second row, and a new row under that key still can.
 */
export async function takeOverTarget(
  tx: Transaction,
  route: Route,
  event: ChangeEvent,
  identity: Identity,
): Promise<Identity> {
  if (event.previous_key === undefined) return identity;
  const key = identityKey(route, route.entity, event.previous_key);
  const previous = await tx.lockIdentity(key, null);
  await tx.saveIdentity(key, {
    targetKey: null,
    rowHash: null,
    sourceTimestamp: event.timestamp,
    position: event.position,
    ...(event.clock !== null && {
      tombstone: { clock: BigInt(event.clock) - 1n, side: route.source.side },
      sourceClock: BigInt(event.clock) - 1n,
    }),
  });
  const { targetKey, written, rowHash, sourceClock } = previous;
  return targetKey === null ? identity : { ...identity, targetKey, written, rowHash, sourceClock };
}
