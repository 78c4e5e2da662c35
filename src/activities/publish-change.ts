import { identityKey } from '../apply/identity-key.ts';
import type { ApplyDeps } from '../apply/resolve-identity.ts';
import { isMarkedDeleted } from '../apply/stamps.ts';
import type { ChangeEvent, Operation } from '../change/event.ts';
import type { EventBus } from '../effects/event-bus.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { PublicationDefinition } from '../pipeline/define.ts';
import { jsonRow } from '../pipeline/json-row.ts';

/**
 * Publishes what the row is now, under the lock of its identity: nobody applies or publishes anything of the row meanwhile,
 * so messages about one row come in the order of what they tell.
 */
export function publishChange(
  bus: EventBus,
  { target, route }: Pick<ApplyDeps, 'target' | 'route'>,
  publication: PublicationDefinition,
  event: ChangeEvent,
): Promise<void> {
  return target.transaction(async (tx) => {
    const { targetKey, counter } = await tx.lockIdentity(
      identityKey(route, route.entity, event.primary_key),
      null,
    );
    if (targetKey === null) throw new SyncError('bug', 'an event was applied, and its row has no identity');
    const row = await tx.findRow(route.target, targetKey);
    const isThere = row !== null && !isMarkedDeleted(route, row);
    await bus.publish({
      topic: publication.topic,
      id: event.event_id,
      source: `tandem/${route.pipeline}`,
      subject: targetKey,
      time: event.timestamp,
      data: publication.message({
        eventId: event.event_id,
        operation: isThere ? living(event.operation) : 'DELETE',
        sourceKey: event.primary_key,
        targetKey,
        data: row && jsonRow(route.target, row.values),
        version: Number(counter),
        timestamp: event.timestamp,
      }),
    });
  });
}

/** Of an event whose row is there: one that deleted it was followed by one that brought it back. */
const living = (operation: Operation): Operation => (operation === 'DELETE' ? 'UPDATE' : operation);
