import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { Row } from '../change/value.ts';
import type { Identity, IdentityChange, StoredRow, Transaction, Version } from '../database/contract.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ResolvedIdentity, TransformedChange } from '../temporal/messages.ts';
import type { Route } from '../pipeline/route.ts';
import { decide } from './decide.ts';
import type { Verdict } from './decide.ts';
import { newRowKey } from './derived-key.ts';
import { isLater } from './position.ts';
import { identityKey } from './identity-key.ts';
import { takeOverTarget } from './rekey.ts';
import type { ApplyDeps } from './resolve-identity.ts';
import { rowHash } from './row-hash.ts';
import { isNewer, newest } from './version.ts';

/**
 * Brings one change event into the target, in one transaction: row, identity, conflict and outcome commit together.
 * Applied before: returns the stored outcome as `replayed` and writes nothing. Throws `SyncError`; then nothing is written.
 */
export function applyChange(
  { target, route }: Pick<ApplyDeps, 'target' | 'route'>,
  event: ChangeEvent,
  transformed: TransformedChange,
  resolved: ResolvedIdentity,
): Promise<ApplyResult> {
  return target.transaction(async (tx) => {
    const key = identityKey(route, route.entity, event.primary_key);
    const known = await tx.lockIdentity(key, event.previous_key === undefined ? resolved.targetKey : null);
    const processed = await tx.findProcessed(event.event_id);
    if (processed) return { outcome: processed.outcome, target_key: processed.targetKey, replayed: true };
    const identity = await takeOverTarget(tx, route, event, known);

    const incoming: Incoming = {
      event,
      version: versionOf(route, event),
      row: transformed.row && { ...transformed.row, ...resolved.references },
      before: transformed.before,
    };
    const held = await readHeld(tx, route, identity, identity.targetKey ?? resolved.targetKey);
    const verdict: Verdict = resolved.echo
      ? { write: 'none', outcome: 'unchanged', conflict: null, advances: false }
      : decide(situation(route, identity, incoming, held));
    const targetKey = await write(tx, route, verdict, incoming, held);
    await tx.saveIdentity(key, identityChange(route, verdict, incoming, identity, targetKey));
    if (verdict.conflict)
      await tx.recordConflict({
        eventId: event.event_id,
        pipeline: route.pipeline,
        entity: route.entity,
        targetSide: route.target.side,
        targetKey,
        type: verdict.conflict,
        verdict: verdict.outcome === 'conflict_kept' ? 'kept' : 'applied',
        incoming: { version: incoming.version ?? { clock: 0n, side: route.source.side }, row: incoming.row },
        existing: { version: held.version, row: held.row && mapped(route, held.row) },
      });
    await tx.recordProcessed({
      eventId: event.event_id,
      pipeline: route.pipeline,
      entity: route.entity,
      outcome: verdict.outcome,
      targetKey,
    });
    const conflict = verdict.conflict ?? undefined;
    return {
      outcome: verdict.outcome,
      target_key: targetKey,
      replayed: false,
      ...(conflict && { conflict }),
    };
  });
}

interface Incoming {
  event: ChangeEvent;
  /** Null for one-way entities, which are ordered by position. */
  version: Version | null;
  row: Row | null;
  before: Row | null;
}

/** What the target holds of the row. */
interface Held {
  key: string | null;
  row: StoredRow | null;
  /** Of the row, or of the newest tombstone; null where there is neither. */
  version: Version | null;
  /** The target's own app deleted the row after everything Tandem knows. */
  deletedByTarget: boolean;
}

function versionOf(route: Route, event: ChangeEvent): Version | null {
  if (!route.twoWay) return null;
  if (event.clock === null)
    throw new SyncError(
      'schema',
      `the event carries no row clock: ${route.source.clock} is missing or null`,
      {
        column: route.source.clock ?? undefined,
      },
    );
  return { clock: BigInt(event.clock), side: route.source.side };
}

async function readHeld(
  tx: Transaction,
  route: Route,
  identity: Identity,
  key: string | null,
): Promise<Held> {
  if (key === null) return { key, row: null, version: identity.tombstone, deletedByTarget: false };
  const row = await tx.lockRow(route.target, key);
  const side = route.target.side;
  if (row) {
    const written = identity.written?.clock === row.clock ? identity.written.side : side;
    const version = row.clock === null ? null : { clock: row.clock, side: written };
    return { key, row, version, deletedByTarget: false };
  }
  const clock = route.twoWay
    ? await tx.findLocalTombstone({ pipeline: route.pipeline, entity: route.entity, side, key })
    : null;
  const local = clock === null ? null : { clock, side };
  const version = newest(identity.tombstone, local, route.fixedSide);
  return { key, row, version, deletedByTarget: local !== null && version === local };
}

function situation(route: Route, identity: Identity, incoming: Incoming, held: Held) {
  const { event, version, row } = incoming;
  const current = held.row && mapped(route, held.row);
  return {
    operation: event.operation,
    newer: version ? isNewer(version, held.version, route.fixedSide) : followsPosition(identity, event),
    same: version !== null && held.version?.clock === version.clock && held.version.side === version.side,
    rowExists: held.row !== null,
    equal: current !== null && row !== null && sameValues(current, row, Object.keys(row)),
    changedByTarget: changedByTarget(route, identity, incoming, held, current),
  };
}

function changedByTarget(
  route: Route,
  identity: Identity,
  { event, before }: Incoming,
  held: Held,
  current: Row | null,
): boolean {
  if (!current) return held.deletedByTarget;
  // The log carries no before image of a key change, so what the source had seen cannot be told.
  if (event.previous_key !== undefined || rowHash(current) === identity.rowHash) return false;
  return !(before && sameValues(current, before, ordinaryColumns(route)));
}

/** One-way order: by position; a read sorts below every streamed change and never repeats itself over one. */
const followsPosition = (identity: Identity, event: ChangeEvent) =>
  event.snapshot
    ? identity.position === null || event.position.epoch > identity.position.epoch
    : isLater(event.position, identity.position);

const mapped = (route: Route, { values }: StoredRow): Row =>
  Object.fromEntries(route.columns.map(({ to }) => [to.name, values[to.name] ?? null]));

/** Columns a before image can be compared by: its references still hold the source's keys. */
const ordinaryColumns = (route: Route) =>
  route.columns.filter(({ references }) => references === null).map(({ to }) => to.name);

const sameValues = (a: Row, b: Row, columns: readonly string[]) =>
  columns.every((name) => a[name] === b[name]);

async function write(
  tx: Transaction,
  route: Route,
  verdict: Verdict,
  { event, version, row }: Incoming,
  held: Held,
): Promise<string | null> {
  const marks = { clock: version?.clock ?? null };
  switch (verdict.write) {
    case 'none':
      return held.key;
    case 'insert':
      return tx.insertRow(route.target, held.key ?? newRowKey(route, event.primary_key, row!), row!, marks);
    case 'update':
      await tx.updateRow(route.target, held.key!, changed(row!, held.row!), marks);
      return held.key;
    case 'clock':
      if (route.twoWay) await tx.updateRow(route.target, held.key!, {}, marks);
      return held.key;
    case 'delete': {
      const referrer = await tx.findReferrer(route.referencedBy, held.key!);
      if (referrer)
        throw new SyncError(
          'waiting_for_row',
          `the row of ${route.entity} is still referenced by ${referrer.entity}.${referrer.column} on ${route.target.side}`,
          { column: referrer.column },
        );
      await tx.deleteRow(route.target, held.key!);
      return held.key;
    }
  }
}

const changed = (row: Row, { values }: StoredRow): Row =>
  Object.fromEntries(Object.entries(row).filter(([column, value]) => values[column] !== value));

function identityChange(
  route: Route,
  verdict: Verdict,
  { event, version, row }: Incoming,
  identity: Identity,
  targetKey: string | null,
): IdentityChange {
  const moves = !event.snapshot && isLater(event.position, identity.position);
  return {
    targetKey,
    sourceTimestamp: event.timestamp,
    ...(moves && { position: event.position }),
    ...(row && verdict.write !== 'none' && { rowHash: rowHash(row), ...(version && { written: version }) }),
    ...(event.operation === 'DELETE' &&
      version &&
      verdict.advances && { tombstone: newest(identity.tombstone, version, route.fixedSide) }),
  };
}
