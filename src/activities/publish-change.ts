import { identityKey } from '../apply/identity-key.ts';
import { parentKeys } from '../apply/resolve-identity.ts';
import type { ApplyDeps } from '../apply/resolve-identity.ts';
import { isMarkedDeleted, newStamps } from '../apply/stamps.ts';
import type { ChangeEvent, Operation } from '../change/event.ts';
import type { Row } from '../change/value.ts';
import type { Transaction } from '../database/contract.ts';
import { keyRow } from '../database/table-sql.ts';
import type { EventBus } from '../effects/event-bus.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { PublicationDefinition } from '../pipeline/effects.ts';
import { jsonRow } from '../pipeline/json-row.ts';
import type { Route } from '../pipeline/route.ts';
import { mapStored, storedReferences } from '../pipeline/transform.ts';

/**
 * Publishes what the row is now, under the lock of its identity: nobody applies or publishes anything of the row meanwhile,
 * so messages about one row come in the order of what they tell. A row that is not written is read from its source.
 */
export function publishChange(
  bus: EventBus,
  deps: ApplyDeps,
  publication: PublicationDefinition,
  event: ChangeEvent,
): Promise<void> {
  const { target, route } = deps;
  return target.transaction(async (tx) => {
    const { targetKey, counter } = await tx.lockIdentity(
      identityKey(route, route.entity, event.primary_key),
      null,
    );
    if (targetKey === null) throw new SyncError('bug', 'an event was applied, and its row has no identity');
    const { row: values, isThere } = await (route.loads
      ? storedRow(tx, route, targetKey)
      : unloadedRow(deps, event.primary_key, targetKey));
    const { event_id: eventId, primary_key: sourceKey, timestamp } = event;
    const operation = isThere ? living(event.operation) : 'DELETE';
    const row = values && jsonRow(route.target, values);
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

interface ToldRow {
  row: Row | null;
  isThere: boolean;
}

async function storedRow(tx: Transaction, route: Route, key: string): Promise<ToldRow> {
  const stored = await tx.findRow(route.target, key);
  return { row: stored && stored.values, isThere: stored !== null && !isMarkedDeleted(route, stored) };
}

/** As it would stand in the target. */
async function unloadedRow(deps: ApplyDeps, sourceKey: string, key: string): Promise<ToldRow> {
  const { route, source } = deps;
  const stored = await source.findRow(route.source, sourceKey);
  if (stored === null) return { row: null, isThere: false };
  const row = {
    ...keyRow(route.target, key),
    ...mapStored(route, stored.values),
    ...(await parentKeys(deps, storedReferences(route, stored.values))),
    ...newStamps(route),
  };
  return { row, isThere: true };
}

/** Of an event whose row is there: one that deleted it was followed by one that brought it back. */
const living = (operation: Operation): Operation => (operation === 'DELETE' ? 'UPDATE' : operation);
