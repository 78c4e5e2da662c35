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
    const stored = await tx.findRow(route.target, targetKey);
    const isThere = stored !== null && !isMarkedDeleted(route, stored);
    const { event_id: eventId, primary_key: sourceKey, timestamp } = event;
    const operation = isThere ? living(event.operation) : 'DELETE';
    const row = stored && jsonRow(route.target, stored.values);
    const version = Number(counter);
    await bus.publish({
      topic: publication.topic,
      id: eventId,
      source: `tandem/${route.pipeline}`,
      subject: targetKey,
      time: timestamp,
      data: publication.message({
        eventId,
        operation,
        sourceKey,
        targetKey,
        data: row,
        version,
        timestamp,
      }),
      change: {
        table: route.source.name,
        targetTable: route.target.name,
        key: sourceKey,
        operation,
        row,
        version,
      },
    });
  });
}

/** Of an event whose row is there: one that deleted it was followed by one that brought it back. */
const living = (operation: Operation): Operation => (operation === 'DELETE' ? 'UPDATE' : operation);
