import type { Transaction } from '../database/contract.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Route } from '../pipeline/route.ts';

/** Deletes a target row; throws `waiting_for_row` while another row refers to it, whatever ON DELETE says. */
export async function deleteUnreferenced(tx: Transaction, route: Route, key: string): Promise<void> {
  const referrer = await tx.findReferrer(route.referencedBy, key);
  if (referrer)
    throw new SyncError(
      'waiting_for_row',
      `the row of ${route.entity} is still referenced by ${referrer.entity}.${referrer.column} on ${route.target.side}`,
      { column: referrer.column },
    );
  await tx.deleteRow(route.target, key);
}
