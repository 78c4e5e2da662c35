import { eventVersion } from '../change/event.ts';
import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { StoredRow } from '../database/contract.ts';
import type { Route } from '../pipeline/route.ts';
import { mapStored } from '../pipeline/transform.ts';
import type { Hint } from '../temporal/messages.ts';
import { applyEvent, nothingToBring } from './apply-event.ts';
import { identityKey } from './identity-key.ts';
import { resolveIdentity } from './resolve-identity.ts';
import type { ApplyDeps } from './resolve-identity.ts';

/**
 * Brings what a row holds now to the target. Such a read outranks no change: the row's clock orders it, or, where the
 * entity has none, everything that was applied of the row since before it was read; that throws `contention`, and is to be
 * tried again. A row that is gone from a two-way entity leaves the target alone, since its delete comes by itself.
 */
export async function applyHint(deps: ApplyDeps, hint: Hint): Promise<ApplyResult> {
  const { route, source, target } = deps;
  // Before the row: what is applied from here on is seen to be newer.
  const known = await target.findIdentity(identityKey(route, route.entity, hint.key));
  const row = await source.findRow(route.source, hint.key);
  const read = readEvent(route, hint, row);
  if (row === null && route.twoWay) return nothingToBring(deps, read);
  const event: ChangeEvent = row === null ? { ...read, operation: 'DELETE' } : read;
  return applyEvent(
    deps,
    event,
    { row: row && mapStored(route, row.values), before: null },
    await resolveIdentity(deps, event),
    route.twoWay ? null : { counter: known?.counter ?? 0n },
  );
}

/** A row as the event that brings it, without values where it is not there; they are canonical, not as a log carries them. */
export const readEvent = (route: Route, hint: Hint, row: StoredRow | null): ChangeEvent => ({
  event_id: hint.eventId,
  event_version: eventVersion,
  pipeline: route.pipeline,
  entity_type: route.entity,
  operation: 'CREATE',
  primary_key: hint.key,
  payload: row?.values ?? {},
  before: null,
  source: route.source.side,
  timestamp: hint.timestamp,
  position: { epoch: 0, order: '' },
  clock: row?.clock == null ? null : String(row.clock),
  origin: null,
  snapshot: true,
});
