import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ResolvedIdentity, TransformedChange } from '../temporal/messages.ts';
import { applyAway } from './apply-away.ts';
import { applyChange } from './apply-change.ts';
import type { Reread } from './apply-change.ts';
import { isToward } from './claims.ts';
import { resolveIdentity } from './resolve-identity.ts';
import type { ApplyDeps } from './resolve-identity.ts';
import { outdatedAs } from './outdated.ts';
import { applyUnclocked } from './unclocked/apply-unclocked.ts';
import { rowAsItIs } from './unclocked/contents.ts';
import { isUnclocked } from './unclocked/is-unclocked.ts';
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
    if (isUnclocked(route)) return await applyUnclocked(deps, event);
    if (route.matchOn !== null) {
      const outdated = await outdatedAs(deps, event);
      if (outdated?.end) return await endOfKey(deps, outdated.end);
      if (outdated) return await nothingToBring(deps, event);
      if (!isToward(route)) return await applyAway(deps, event, transformed, resolved);
    }
    return await applyChange(deps, event, transformed, resolved, reread);
  } catch (error) {
    if (!(error instanceof SyncError) || error.errorClass !== 'constraint') throw error;
    const refused = isUnclocked(deps.route)
      ? await rowAsItIs(deps, event)
      : { row: transformed.row, references: resolved.references };
    if (refused.row === null) throw error;
    return settleClash(deps, { event, row: refused.row, references: refused.references }, error);
  }
}

/** Under the id of the change of key, so that it is done once. */
async function endOfKey(deps: ApplyDeps, end: ChangeEvent): Promise<ApplyResult> {
  const resolved = await resolveIdentity(deps, end);
  const apply = isToward(deps.route) ? applyChange : applyAway;
  return apply(deps, end, { row: null, before: null }, { ...resolved, echo: false });
}

/** Leaves the target alone: the event brings nothing that would be news. */
export function nothingToBring(
  { target, route, waited }: ApplyDeps,
  { event_id: eventId }: ChangeEvent,
): Promise<ApplyResult> {
  return target.transaction(async (tx) => {
    const processed = await tx.findProcessed(eventId);
    if (waited) await tx.leaveWaitingRoom(eventId);
    if (processed) return { outcome: processed.outcome, target_key: processed.targetKey, replayed: true };
    const { pipeline, entity } = route;
    await tx.recordProcessed({ eventId, pipeline, entity, outcome: 'stale', targetKey: null });
    return { outcome: 'stale', target_key: null, replayed: false };
  });
}
