import { correctionId } from '../change/event-id.ts';
import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult, Outcome } from '../change/outcome.ts';
import type { StoredRow } from '../database/contract.ts';
import { SyncError } from '../errors/sync-error.ts';
import { mapStored, storedReferences } from '../pipeline/transform.ts';
import type { Hint } from '../temporal/messages.ts';
import { applyChange } from './apply-change.ts';
import { applyHint, readEvent } from './apply-hint.ts';
import { isCausal } from './causality.ts';
import { identityKey } from './identity-key.ts';
import { parentKeys } from './resolve-identity.ts';
import type { ApplyDeps } from './resolve-identity.ts';

/** After these the target does not hold what the event brought: its own version comes by itself. */
const kept: ReadonlySet<Outcome> = new Set(['stale', 'conflict_kept', 'discarded']);

/**
 * After a corrected event was applied its own side takes the correction, too, once: under an id that follows from the
 * event's. `back` is the way from the event's target to its source. A row that was changed since on either side is left
 * alone, since that change comes by itself. What it overwrites may be recorded as a conflict.
 */
export async function bringBack(
  back: ApplyDeps,
  corrected: ChangeEvent,
  { outcome, target_key: key }: ApplyResult,
): Promise<void> {
  if (key === null || kept.has(outcome)) return;
  const hint: Hint = {
    eventId: correctionId(corrected.event_id),
    entity: corrected.entity_type,
    side: back.route.source.side,
    key,
    timestamp: new Date().toISOString(),
  };
  if (!isCausal(back.route)) {
    await applyHint(back, hint);
    return;
  }
  const row = await back.source.findRow(back.route.source, key);
  if (row !== null && (await isCorrected(back, corrected, row))) await overwrite(back, corrected, hint, row);
}

/** Whether the row is what the event left, and no later change of its own app. */
async function isCorrected(
  { route, source }: ApplyDeps,
  { primary_key: key }: ChangeEvent,
  { clock }: StoredRow,
): Promise<boolean> {
  const forth = { ...route, source: route.target, target: route.source };
  const identity = await source.findIdentity(identityKey(forth, route.entity, key));
  return identity?.written != null && identity.written.clock === clock;
}

/** As a change that had seen the version the event told, and only while that stands. */
async function overwrite(back: ApplyDeps, corrected: ChangeEvent, hint: Hint, row: StoredRow): Promise<void> {
  const { route, target } = back;
  const told = String(BigInt(corrected.clock!) - 1n);
  try {
    await applyChange(
      { target, route: { ...route, policy: `side:${route.source.side}` } },
      { ...readEvent(route, hint, row), operation: 'UPDATE' },
      { row: mapStored(route, row.values), before: null },
      {
        targetKey: corrected.primary_key,
        references: await parentKeys(back, storedReferences(route, row.values)),
        echo: false,
        expects: told,
        ancestry: { overtaken: false, seen: told },
      },
    );
  } catch (error) {
    if (!(error instanceof SyncError) || error.errorClass !== 'contention') throw error;
    const now = await target.findRow(route.target, corrected.primary_key);
    if (now !== null && String(now.clock) === told) throw error;
  }
}
