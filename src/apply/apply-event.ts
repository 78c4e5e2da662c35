import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ResolvedIdentity, TransformedChange } from '../temporal/messages.ts';
import { applyAway } from './apply-away.ts';
import { applyChange } from './apply-change.ts';
import type { Reread } from './apply-change.ts';
import { isToward } from './claims.ts';
import type { ApplyDeps } from './resolve-identity.ts';
import { settleClash } from './unique-clash.ts';

/**
 * `applyChange`, and where a unique value of the target refuses the row: says who holds it and whether that will end
 * by itself (`waiting_for_row`) or not (`constraint`), and exchanges values that rows hold of each other in a circle.
 */
export async function applyEvent(
  deps: ApplyDeps,
  event: ChangeEvent,
  transformed: TransformedChange,
  resolved: ResolvedIdentity,
  reread: Reread | null = null,
): Promise<ApplyResult> {
  try {
    const { route } = deps;
    if (route.matchOn !== null && !isToward(route))
      return await applyAway(deps, event, transformed, resolved);
    return await applyChange(deps, event, transformed, resolved, reread);
  } catch (error) {
    if (!(error instanceof SyncError) || error.errorClass !== 'constraint' || transformed.row === null)
      throw error;
    return settleClash(deps, { event, row: transformed.row, references: resolved.references }, error);
  }
}
