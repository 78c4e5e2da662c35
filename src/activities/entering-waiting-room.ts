import { identityKey } from '../apply/identity-key.ts';
import type { ApplyDeps } from '../apply/resolve-identity.ts';
import type { ChangeEvent } from '../change/event.ts';
import { SyncError } from '../errors/sync-error.ts';

/**
 * Runs a try. Where it ends in waiting for a row whose change the ledger will tell of, the event is in the waiting room
 * before anybody hears of it: what changes from then on wakes it.
 */
export async function enteringWaitingRoom<T>(
  { target, route }: ApplyDeps,
  { event_id: eventId, primary_key: key }: ChangeEvent,
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof SyncError && error.awaits)
      await target.enterWaitingRoom({
        eventId,
        row: identityKey(route, route.entity, key),
        awaits: error.awaits,
      });
    throw error;
  }
}
