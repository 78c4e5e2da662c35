import { identityKey } from '../apply/identity-key.ts';
import { counterOf } from '../apply/resolve-identity.ts';
import type { ApplyDeps } from '../apply/resolve-identity.ts';
import type { ChangeEvent } from '../change/event.ts';
import { SyncError } from '../errors/sync-error.ts';

/**
 * Runs a try. Where it ends in waiting for a row whose change the ledger will tell of, the event is in the waiting room
 * before anybody hears of it: what changes from then on wakes it, also its own row, which may have outrun the event.
 */
export async function enteringWaitingRoom<T>(
  { target, route }: ApplyDeps,
  { event_id: eventId, primary_key: key }: ChangeEvent,
  attempt: () => Promise<T>,
): Promise<T> {
  const row = identityKey(route, route.entity, key);
  const ownCounter = counterOf(await target.findIdentity(row));
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof SyncError && error.awaits)
      await target.enterWaitingRoom({
        eventId,
        row,
        awaits: error.awaits,
        ownCounter,
      });
    throw error;
  }
}
