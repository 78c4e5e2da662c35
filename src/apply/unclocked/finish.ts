import type { ChangeEvent } from '../../change/event.ts';
import type { ApplyResult } from '../../change/outcome.ts';
import type { Row } from '../../change/value.ts';
import type { StoredRow, Transaction } from '../../database/contract.ts';
import type { ApplyDeps } from '../resolve-identity.ts';
import type { Verdict } from '../decide.ts';
import { mapped } from '../situation.ts';

/** One of several things an event comes to; only the last gives its outcome. */
export interface Share {
  part: boolean;
}

/** What was found, and what came of it. */
export interface Done {
  verdict: Verdict;
  targetKey: string | null;
  incoming: Row | null;
  held: StoredRow | null;
}

export const nothing: Verdict = { write: 'none', outcome: 'unchanged', conflict: null, advances: false };

/**
 * Records the conflict and the outcome. An event that comes again keeps the outcome it had; an edit it overwrites then is
 * recorded all the same.
 */
export async function finish(
  tx: Transaction,
  { route, waited }: ApplyDeps,
  { event_id: eventId }: ChangeEvent,
  { part }: Share,
  { verdict, targetKey, incoming, held }: Done,
): Promise<ApplyResult> {
  const { pipeline, entity, source, target } = route;
  const { outcome, conflict } = verdict;
  if (waited) await tx.leaveWaitingRoom(eventId);
  const processed = await tx.findProcessed(eventId);
  if (conflict && (!processed || outcome !== 'conflict_kept'))
    await tx.recordConflict({
      eventId,
      pipeline,
      entity,
      targetSide: target.side,
      targetKey,
      type: conflict,
      verdict: outcome === 'conflict_kept' ? 'kept' : 'applied',
      incoming: { version: { clock: 0n, side: source.side }, row: incoming },
      existing: { version: null, row: held && mapped(route, held) },
    });
  if (processed) return { outcome: processed.outcome, target_key: processed.targetKey, replayed: true };
  if (!part) await tx.recordProcessed({ eventId, pipeline, entity, outcome, targetKey });
  return { outcome, target_key: targetKey, replayed: false, ...(conflict && { conflict }) };
}
