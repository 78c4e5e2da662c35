import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { Row } from '../change/value.ts';
import type { Identity, IdentityChange, StoredRow, Transaction } from '../database/contract.ts';
import type { ResolvedIdentity, TransformedChange } from '../temporal/messages.ts';
import type { Route } from '../pipeline/route.ts';
import { SyncError } from '../errors/sync-error.ts';
import { claimScope, isToward, settlePair } from './claims.ts';
import type { Pair } from './claims.ts';
import { decide } from './decide.ts';
import type { Verdict } from './decide.ts';
import { newRowKey } from './derived-key.ts';
import { identityKey } from './identity-key.ts';
import { mergeIncoming } from './merge-incoming.ts';
import { assertClear, isLater } from './position.ts';
import { takeOverTarget } from './rekey.ts';
import { removeRow } from './remove-row.ts';
import type { ApplyDeps } from './resolve-identity.ts';
import { rowHash } from './row-hash.ts';
import { mapped, readHeld, rowClock, situationOf, versionOf } from './situation.ts';
import type { Held, Incoming } from './situation.ts';
import { changedStamps, newStamps } from './stamps.ts';
import { newest } from './version.ts';

/**
 * Brings one change event into the target, in one transaction: row, identity, conflict and outcome commit together.
 * Applied before: returns the stored outcome as `replayed` and writes nothing. Throws `SyncError`; then nothing is written.
 * `UnclearPosition`: the row has to be read again, see `applyByReading`.
 */
export function applyChange(
  { target, route, waited }: Pick<ApplyDeps, 'target' | 'route' | 'waited'>,
  event: ChangeEvent,
  transformed: TransformedChange,
  resolved: ResolvedIdentity,
  reread: Reread | null = null,
): Promise<ApplyResult> {
  return target.transaction(async (tx) => {
    const key = identityKey(route, route.entity, event.primary_key);
    const decidedHere = event.previous_key !== undefined || route.matchOn !== null;
    const known = await tx.lockIdentity(key, decidedHere ? null : resolved.targetKey, { saves: true });
    const processed = await tx.findProcessed(event.event_id);
    if (processed) return { outcome: processed.outcome, target_key: processed.targetKey, replayed: true };
    if (reread) assertUntouched(known, reread);
    else if (!route.twoWay) assertClear(event, known);
    const identity = await takeOverTarget(tx, route, event, known, resolved);

    const brought: Incoming = {
      event,
      version: versionOf(route, event, resolved.madeBy),
      row: transformed.row && { ...transformed.row, ...resolved.references },
      before: transformed.before,
      ancestry: resolved.ancestry ?? null,
      merge: null,
      reread: reread !== null,
    };
    const handedOn = identity.targetKey !== known.targetKey;
    const pair: Pair =
      resolved.echo || (handedOn && !isToward(route))
        ? { key: identity.targetKey ?? resolved.targetKey, claims: false }
        : await settlePair(
            tx,
            route,
            resolved.outranked ? { ...brought, row: null } : brought,
            identity,
            resolved.targetKey,
          );
    const held = await readHeld(tx, route, identity, pair.key ?? keyOfNew(route, brought));
    if (resolved.expects !== undefined && String(held.version?.clock) !== resolved.expects)
      throw new SyncError('contention', 'the row is another version by now');
    const incoming = mergeIncoming(route, brought, held);
    const verdict: Verdict = resolved.echo
      ? { write: 'none', outcome: 'unchanged', conflict: null, advances: false }
      : decide(situationOf(route, identity, incoming, held));
    if (resolved.outranked && verdict.write !== 'none')
      throw new SyncError('contention', 'the row was later than the event, and is not any more');
    const clock = rowClock(incoming, identity, held);
    const targetKey = await write(tx, route, verdict, incoming, held, clock);
    const taken = await takenRow(tx, route, verdict, incoming, targetKey);
    await tx.saveIdentity(
      key,
      identityChange(route, verdict, { ...incoming, row: taken }, identity, targetKey, clock, held),
    );
    if (pair.claims && targetKey !== null)
      await tx.insertClaim(claimScope(route), { fixedKey: targetKey, otherKey: event.primary_key });
    if (verdict.conflict)
      await tx.recordConflict({
        eventId: event.event_id,
        pipeline: route.pipeline,
        entity: route.entity,
        targetSide: route.target.side,
        targetKey,
        type: verdict.conflict,
        verdict: verdict.outcome === 'conflict_kept' ? 'kept' : 'applied',
        incoming: { version: incoming.version ?? { clock: 0n, side: route.source.side }, row: brought.row },
        existing: { version: held.version, row: held.row && mapped(route, held.row) },
      });
    await tx.recordProcessed({
      eventId: event.event_id,
      pipeline: route.pipeline,
      entity: route.entity,
      outcome: verdict.outcome,
      targetKey,
    });
    if (waited) await tx.leaveWaitingRoom(event.event_id);
    const conflict = verdict.conflict ?? undefined;
    return {
      outcome: verdict.outcome,
      target_key: targetKey,
      replayed: false,
      ...(conflict && { conflict }),
    };
  });
}

/** The key a row would get here: one that is there already under it, by the entity's own rule of keys, is the same row. */
const keyOfNew = (route: Route, { event, row }: Incoming): string | null =>
  route.keyStrategy === 'mapped' && !row ? null : newRowKey(route, event.primary_key, row ?? {});

/** A row that was read instead of the one its event carries, and the identity's counter from before it was read. */
export interface Reread {
  counter: bigint;
}

/** A read outranks no change that was applied since it began. */
function assertUntouched({ counter, entity }: Identity, reread: Reread): void {
  if (counter !== reread.counter)
    throw new SyncError('contention', `a row of ${entity} changed while it was read again`);
}

async function write(
  tx: Transaction,
  route: Route,
  verdict: Verdict,
  { event, row: values, merge }: Incoming,
  held: Held,
  clock: bigint | null,
): Promise<string | null> {
  if (!route.loads) return held.key;
  const marks = { clock };
  const row = values && { ...values, ...merge?.clocks };
  switch (verdict.write) {
    case 'none':
      return held.key;
    case 'insert': {
      const whole = { ...row!, ...newStamps(route) };
      if (held.kept === null)
        return tx.insertRow(
          route.target,
          held.key ?? newRowKey(route, event.primary_key, row!),
          whole,
          marks,
        );
      await tx.updateRow(route.target, held.key!, changed(whole, held.kept), marks);
      return held.key;
    }
    case 'update': {
      const changes = { ...changed(row!, held.row!), ...changedStamps(route) };
      await tx.updateRow(route.target, held.key!, changes, marks);
      return held.key;
    }
    case 'clock':
      if (route.twoWay)
        await tx.updateRow(route.target, held.key!, changed(merge?.clocks ?? {}, held.row!), marks);
      return held.key;
    case 'delete':
      await removeRow(tx, route, held.key!, event);
      return held.key;
  }
}

/** Of a row that was read again, as far as its event tells; a time that was reached already stays. */
const newerTime = ({ timestamp }: ChangeEvent, { sourceTime }: Identity): string =>
  sourceTime !== null && sourceTime > Date.parse(timestamp) ? new Date(sourceTime).toISOString() : timestamp;

const changed = (row: Row, { values }: StoredRow): Row =>
  Object.fromEntries(Object.entries(row).filter(([column, value]) => values[column] !== value));

/**
 * The row as the target took it: what triggers of its own made of it is no edit of its app. Read back only where that
 * decides whether the row stays as it is.
 */
async function takenRow(
  tx: Transaction,
  route: Route,
  { write: done }: Verdict,
  { row }: Incoming,
  targetKey: string | null,
): Promise<Row | null> {
  if (route.policy !== 'target_wins' || targetKey === null || (done !== 'insert' && done !== 'update'))
    return row;
  const stored = await tx.lockRow(route.target, targetKey);
  return stored && mapped(route, stored);
}

function identityChange(
  route: Route,
  verdict: Verdict,
  { event, version, row, reread }: Incoming,
  identity: Identity,
  targetKey: string | null,
  clock: bigint | null,
  held: Held,
): IdentityChange {
  const deletes = event.operation === 'DELETE' && verdict.advances;
  const written = clock === null ? null : { clock, side: version?.side ?? route.source.side };
  const moves = !event.snapshot && !reread && isLater(event.position, identity.position);
  return {
    targetKey: tellsRow(route, verdict) ? targetKey : known(identity),
    ...(moves && { position: event.position, sourceTimestamp: event.timestamp }),
    // When a row was read is no commit time of its source.
    ...(reread && !event.snapshot && { sourceTimestamp: newerTime(event, identity) }),
    ...(row && verdict.write !== 'none' && { rowHash: rowHash(row), ...(written && { written }) }),
    ...(deletes && {
      rowHash: null,
      // A group's clock may be above the delete's: what tells Tandem's own delete when it comes back.
      ...(route.merge &&
        held.row?.clock != null && {
          written: { clock: held.row.clock + 1n, side: route.source.side },
        }),
      ...(written && { tombstone: newest(identity.tombstone, written, route.fixedSide) }),
    }),
    ...(version && verdict.advances && { sourceClock: version.clock }),
  };
}

/**
 * Whether the event shows which target row is its own. One of no effect may be from before a key changed: what its key
 * means to the source's ledger by now is another row. A row that was matched is its own in any case.
 */
const tellsRow = (route: Route, { advances, outcome }: Verdict) =>
  advances || outcome === 'unchanged' || route.matchOn !== null;

const known = ({ counter, targetKey }: Identity) => (counter === 0n ? null : targetKey);
