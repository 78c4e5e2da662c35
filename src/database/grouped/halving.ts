import { SyncError } from '../../errors/sync-error.ts';
import type { BulkTransaction } from './bulk.ts';

const classes = new Set(['constraint', 'data', 'waiting_for_row']);

/** Errors that one row causes, while the transaction goes on for the others; also that somebody else was first. */
export const isOfOneRow = (error: unknown): boolean =>
  error instanceof SyncError && (classes.has(error.errorClass) || isOfOneRow(error.cause));

/**
 * Runs a write of many rows. Where a row refuses it is undone and done again in halves, so that in the end only the rows
 * that refuse by themselves are rejected. Throws what is no single row's fault.
 */
export async function halving<A, R>(
  tx: BulkTransaction,
  items: readonly A[],
  write: (items: readonly A[]) => Promise<readonly R[]>,
): Promise<PromiseSettledResult<R>[]> {
  try {
    const results = await tx.undoing(() => write(items));
    return results.map((value) => ({ status: 'fulfilled', value }));
  } catch (error) {
    if (!isOfOneRow(error)) throw error;
    if (items.length === 1) return [{ status: 'rejected', reason: error }];
    const middle = Math.ceil(items.length / 2);
    const first = await halving(tx, items.slice(0, middle), write);
    return [...first, ...(await halving(tx, items.slice(middle), write))];
  }
}
