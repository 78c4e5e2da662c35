import { conflictId, decisionId } from '../change/event-id.ts';
import { eventVersion } from '../change/event.ts';
import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { Row } from '../change/value.ts';
import type { Database, Identity } from '../database/contract.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Route } from '../pipeline/route.ts';
import { mapStored, storedReferences } from '../pipeline/transform.ts';
import type { RowConflict, SideVersion } from '../temporal/row-conflict.ts';
import { applyChange } from './apply-change.ts';
import { ancestryOf, causalityOf, newestBrought } from './causality.ts';
import { identityKey } from './identity-key.ts';
import { findBack, parentKeys } from './resolve-identity.ts';
import type { ApplyDeps } from './resolve-identity.ts';
import { mapped, readHeld } from './situation.ts';
import type { Held } from './situation.ts';

/** Two versions of a row as they stand, neither made with the other in sight. */
export interface StandingConflict {
  subject: RowConflict;
  /** Both sides came to the same values, or both deleted the row: there is nothing to decide. */
  agreed: boolean;
}

/** A row pair by the keys of both rows. */
export interface PairKeys {
  sourceKey: string;
  targetKey: string;
}

/** What stands of a row pair under policy `manual`; null where one version was made with the other in sight. */
export async function standingConflict(deps: ApplyDeps, keys: PairKeys): Promise<StandingConflict | null> {
  const found = await lookAt(deps, keys);
  if (!found) return null;
  const { route } = deps;
  const { ours, theirs, row } = found;
  const versions = [
    versionOf(route.source.side, keys.sourceKey, ours),
    versionOf(route.target.side, keys.targetKey, theirs),
  ] as const;
  const [first, second] =
    route.source.side === route.fixedSide ? versions : ([versions[1], versions[0]] as const);
  return {
    agreed: row === null ? theirs.row === null : theirs.row !== null && sameRow(route, row, theirs.row),
    subject: {
      kind: 'conflict',
      eventId: conflictId(route.pipeline, route.entity, [first.key, second.key]),
      entity: route.entity,
      versions: [first, second],
    },
  };
}

/**
 * Brings the source's version of a conflict to the target, as a change that had seen the target's: from then on neither side
 * has a version that the other does not know. What it overwrites is recorded as a conflict. Returns null where there
 * is no conflict any more. Throws `contention` where a row is another version than `subject` shows; nothing is written then.
 */
export async function takeSource(deps: ApplyDeps, subject: RowConflict): Promise<ApplyResult | null> {
  const { route, target } = deps;
  const on = (side: string) => subject.versions.find((version) => version.side === side)!;
  const [from, to] = [on(route.source.side), on(route.target.side)];
  const id = decisionId(subject.eventId, from.side, [from.clock, to.clock]);
  const processed = await target.findProcessed(id);
  if (processed) return { outcome: processed.outcome, target_key: processed.targetKey, replayed: true };
  const found = await lookAt(deps, { sourceKey: from.key, targetKey: to.key });
  if (!found) return null;
  const { ours, references, back, row } = found;
  if (String(ours.version!.clock) !== from.clock)
    throw new SyncError('contention', 'the row is another version by now');
  const event: ChangeEvent = {
    event_id: id,
    event_version: eventVersion,
    pipeline: route.pipeline,
    entity_type: route.entity,
    operation: row ? 'UPDATE' : 'DELETE',
    primary_key: from.key,
    payload: {},
    before: null,
    source: from.side,
    timestamp: new Date().toISOString(),
    // A read: it raises no position.
    position: { epoch: 0, order: '' },
    snapshot: true,
    clock: from.clock,
    origin: null,
  };
  return applyChange(
    { target, route: { ...route, policy: `side:${from.side}` } },
    event,
    { row, before: null },
    {
      targetKey: to.key,
      references,
      echo: false,
      expects: to.clock,
      ancestry: ancestryOf(event, back),
    },
  );
}

interface Found {
  /** What the source holds, and what the target holds. */
  ours: Held;
  theirs: Held;
  /** The source's row in the target's columns, references as the target's keys; null: deleted. */
  row: Row | null;
  references: Row;
  back: Identity | null;
}

async function lookAt(deps: ApplyDeps, { sourceKey, targetKey }: PairKeys): Promise<Found | null> {
  const { route, source, target } = deps;
  const back = await findBack(source, route, route.entity, sourceKey);
  const identity = await target.findIdentity(identityKey(route, route.entity, sourceKey));
  const ours = await heldOn(source, { ...route, target: route.source }, back, sourceKey);
  const theirs = await heldOn(target, route, identity, targetKey);
  if (!ours.version || theirs.version?.side !== route.target.side) return null;
  const clock = ours.version.clock;
  const { concurrent } = causalityOf(
    { clock, ancestry: ancestryOf({ clock: String(clock) }, back) },
    { own: theirs.version.clock, brought: identity && newestBrought(identity) },
    false,
  );
  if (!concurrent) return null;
  const values = ours.row?.values;
  const references = values ? await parentKeys(deps, storedReferences(route, values)) : {};
  return {
    ours,
    theirs,
    row: values ? { ...mapStored(route, values), ...references } : null,
    references,
    back,
  };
}

/** What the target holds of a row, read without a lock. */
export const heldOn = (
  database: Database,
  route: Route,
  identity: Identity | null,
  key: string | null,
): Promise<Held> =>
  readHeld(
    {
      lockRow: database.findRow.bind(database),
      findLocalTombstone: database.findLocalTombstone.bind(database),
    },
    route,
    identity ?? { targetKey: null, tombstone: null, written: null, rowHash: null },
    key,
  );

const versionOf = (side: string, key: string, { row, version }: Held): SideVersion => ({
  side,
  key,
  clock: String(version!.clock),
  row: row && row.values,
});

function sameRow(route: Route, row: Row, held: NonNullable<Held['row']>): boolean {
  const current = mapped(route, held);
  return Object.keys(row).every((name) => row[name] === current[name]);
}
