import type { ChangeEvent } from '../change/event.ts';
import type { Referrer, Transaction } from '../database/contract.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Route } from '../pipeline/route.ts';
import { counterOf } from './resolve-identity.ts';
import { deletedStamps } from './stamps.ts';

/**
 * Deletes a target row as `deleteUnreferenced` does, or marks it as deleted at the event's time where the entity's rows stay.
 * Of an entity whose rows are not written there is nothing to do.
 */
export async function removeRow(
  tx: Transaction,
  route: Route,
  key: string,
  { timestamp }: Pick<ChangeEvent, 'timestamp'>,
): Promise<void> {
  if (!route.loads) return;
  if (route.stamps.deletedAt === null) return deleteUnreferenced(tx, route, key);
  await tx.updateRow(route.target, key, deletedStamps(route, timestamp), { clock: null });
}

/**
 * Deletes a target row, which the transaction holds locked; throws `waiting_for_row` naming a row that still refers to
 * it, whatever ON DELETE says.
 */
export async function deleteUnreferenced(tx: Transaction, route: Route, key: string): Promise<void> {
  let referrer = await tx.findReferrer(route.referencedBy, key);
  while (referrer) {
    const counter = await counterOfReferrer(tx, route, referrer);
    // Looked at anew after its identity was: a change in between would be waited for in vain.
    const still = await tx.findReferrer(route.referencedBy, key);
    if (still?.key === referrer.key && still.entity === referrer.entity)
      throw stillReferenced(route, referrer, counter);
    referrer = still;
  }
  await tx.deleteRow(route.target, key);
}

async function counterOfReferrer(
  tx: Transaction,
  { pipeline, source, target }: Route,
  { entity, key }: Referrer,
): Promise<string> {
  const of = { pipeline, entity, sourceSide: source.side, targetSide: target.side, targetKey: key };
  return counterOf(await tx.findIdentityByTarget(of));
}

function stillReferenced(
  { entity: own, target }: Route,
  { entity, column, key }: Referrer,
  counter: string,
): SyncError {
  return new SyncError(
    'waiting_for_row',
    `the row of ${own} is still referenced by ${entity}.${column} on ${target.side}`,
    { column, awaits: { entity, side: target.side, key, counter } },
  );
}
