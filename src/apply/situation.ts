import type { ChangeEvent } from '../change/event.ts';
import type { Row } from '../change/value.ts';
import type { Identity, StoredRow, Transaction, Version } from '../database/contract.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Route } from '../pipeline/route.ts';
import type { Ancestry } from '../temporal/messages.ts';
import { causalityOf, newestBrought, newestWrite } from './causality.ts';
import type { Situation } from './decide.ts';
import { oneWaySituation } from './one-way.ts';
import { rowHash } from './row-hash.ts';
import { isMarkedDeleted } from './stamps.ts';
import { rowByLedger, unloadedSituation } from './unloaded.ts';
import { isNewer, newest, newestClock } from './version.ts';

/** What the event brings. */
export interface Incoming {
  event: ChangeEvent;
  /** Null for one-way entities, which are ordered by position. */
  version: Version | null;
  /** Null under policies that do not ask what a version had seen. */
  ancestry: Ancestry | null;
  row: Row | null;
  before: Row | null;
  /** Present under `merge_columns`; `row` is what the two versions come to then. */
  merge: MergeFacts | null;
  /** The row is what its source holds now, taken after everything that was applied of it. */
  reread: boolean;
}

export interface MergeFacts {
  /** Clocks to write beside the row clock. */
  clocks: Row;
  /** The row stays one that was there: its clock covers what it had. */
  joins: boolean;
  newer: boolean;
  same: boolean;
  /** Both sides changed one group, or one of them the whole row. */
  contested: boolean;
}

/** What the target holds of the row. */
export interface Held {
  key: string | null;
  row: StoredRow | null;
  /** Where there is none: one that is marked as deleted. */
  kept: StoredRow | null;
  /** Of the row, or of the newest tombstone; null where there is neither. */
  version: Version | null;
  /** The target's own app deleted the row after everything Tandem knows. */
  deletedByTarget: boolean;
}

/** `madeBy`: where it is not the side the event came from. Throws `schema` where an event of a two-way entity carries no row clock. */
export function versionOf(route: Route, event: ChangeEvent, madeBy?: string): Version | null {
  if (!route.twoWay) return null;
  if (event.clock === null)
    throw new SyncError(
      'schema',
      `the event carries no row clock: ${route.source.clock} is missing or null`,
      {
        column: route.source.clock ?? undefined,
      },
    );
  return { clock: BigInt(event.clock), side: madeBy ?? route.source.side };
}

/** Reads under lock what the target holds. */
export async function readHeld(
  tx: Pick<Transaction, 'lockRow' | 'findLocalTombstone'>,
  route: Route,
  identity: Pick<Identity, 'targetKey' | 'tombstone' | 'written' | 'rowHash'>,
  key: string | null,
): Promise<Held> {
  if (key === null)
    return { key, row: null, kept: null, version: identity.tombstone, deletedByTarget: false };
  const stored = route.loads ? await tx.lockRow(route.target, key) : rowByLedger(identity);
  const kept = stored && isMarkedDeleted(route, stored) ? stored : null;
  const row = kept ? null : stored;
  const side = route.target.side;
  if (row) {
    const written = identity.written?.clock === row.clock ? identity.written.side : side;
    const ofRow = row.clock === null ? null : { clock: row.clock, side: written };
    // A tombstone beside a row that another life of the key left: what is older than that is not of this row.
    const version = identity.targetKey === null ? newest(ofRow, identity.tombstone, route.fixedSide) : ofRow;
    return { key, row, kept, version, deletedByTarget: false };
  }
  const clock = route.twoWay
    ? await tx.findLocalTombstone({ pipeline: route.pipeline, entity: route.entity, side, key })
    : null;
  const local = clock === null ? null : { clock, side };
  const version = newest(identity.tombstone, local, route.fixedSide);
  return { key, row, kept, version, deletedByTarget: local !== null && version === local };
}

export function situationOf(route: Route, identity: Identity, incoming: Incoming, held: Held): Situation {
  if (!route.loads) return unloadedSituation(identity, incoming);
  const { event, version, ancestry, row } = incoming;
  const current = held.row && mapped(route, held.row);
  const facts = {
    operation: event.operation,
    rowExists: held.row !== null,
    equal: current !== null && row !== null && sameValues(current, row, Object.keys(row)),
    lost: held.row === null && identity.rowHash !== null && !held.deletedByTarget,
  };
  if (!version)
    return oneWaySituation(route, identity, incoming, facts, {
      current,
      inStep: current !== null && isInStep(route, incoming, current),
    });
  if (ancestry) return { ...facts, ...seenSituation(route, identity, { version, ancestry }, held) };
  if (incoming.merge && current) {
    const { newer, same, contested } = incoming.merge;
    const changed = contested && rowHash(current) !== identity.rowHash;
    // What a group keeps of its own equals itself; the event's values for it are lost all the same.
    return { ...facts, newer, same, changedByTarget: changed, equal: facts.equal && !changed };
  }
  return {
    ...facts,
    newer: incoming.merge ? incoming.merge.newer : isNewer(version, held.version, route.fixedSide),
    same: held.version?.clock === version.clock && held.version.side === version.side,
    changedByTarget: current
      ? changedByTarget(route, identity, incoming, current)
      : held.deletedByTarget || facts.lost,
  };
}

/** Under policies that ask what a version had seen. */
function seenSituation(
  route: Route,
  identity: Identity,
  { version, ancestry }: { version: Version; ancestry: Ancestry },
  held: Held,
): Pick<Situation, 'newer' | 'same' | 'changedByTarget'> {
  const own = held.version?.side === route.target.side ? held.version.clock : null;
  const { newer, same, concurrent } = causalityOf(
    { clock: version.clock, ancestry },
    { own, brought: newestBrought(identity) },
    route.policy === `side:${route.source.side}`,
  );
  return { newer, same, changedByTarget: concurrent };
}

/**
 * The row clock of what the event writes: its version's own. Under policies that ask what a version had seen it is raised
 * above all that the target ever had of the row, so that a clock on a side tells what was there before it.
 */
export function rowClock(incoming: Incoming, identity: Identity, held: Held): bigint | null {
  const { event, version, ancestry } = incoming;
  if (version && incoming.merge && event.operation !== 'DELETE')
    return newestClock(version.clock, incoming.merge.joins ? held.row?.clock : null);
  if (!version || !ancestry) return version && version.clock;
  const before = newestClock(held.version?.clock, newestWrite(identity));
  return before === null || version.clock > before ? version.clock : before + 1n;
}

function changedByTarget(route: Route, identity: Identity, incoming: Incoming, current: Row): boolean {
  // The log carries no before image of a key change, so what the source had seen cannot be told.
  if (incoming.event.previous_key !== undefined || rowHash(current) === identity.rowHash) return false;
  return !isInStep(route, incoming, current);
}

/**
 * Whether the row is as the source had it before the change. A before image holds the source's keys, so a reference can
 * be compared only where the change left it alone.
 */
export function isInStep(
  { columns }: Pick<Route, 'columns'>,
  { event, row, before }: Pick<Incoming, 'event' | 'row' | 'before'>,
  current: Row,
): boolean {
  if (!before) return false;
  return columns.every(({ from, to, references }) => {
    if (references === null) return current[to.name] === before[to.name];
    return !row || event.before?.[from.name] !== undefined || current[to.name] === row[to.name];
  });
}

/** The mapped columns of a target row. */
export const mapped = (route: Route, { values }: StoredRow): Row =>
  Object.fromEntries(route.columns.map(({ to }) => [to.name, values[to.name] ?? null]));

const sameValues = (a: Row, b: Row, columns: readonly string[]) =>
  columns.every((name) => a[name] === b[name]);
