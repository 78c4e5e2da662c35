import type { Row } from '../change/value.ts';
import type { Holder, StoredRow, Version } from '../database/contract.ts';
import type { Route } from '../pipeline/route.ts';
import { mapStored } from '../pipeline/transform.ts';
import { identityKey } from './identity-key.ts';
import { findBack } from './resolve-identity.ts';
import type { ApplyDeps } from './resolve-identity.ts';
import { isNewer } from './version.ts';

/** A row that is to be written, as the target's columns; `own` holds its references as the source's keys. */
export interface Wanted {
  targetKey: string | null;
  row: Row;
  own: Row;
}

/**
 * A row of the target that holds a unique value another row is to hold, and what its own source row says of that:
 * - `kept`: it stays, or nobody on the source knows the row;
 * - `moving`: the source row holds another value by now; that change is to come;
 * - `going`: the source row is deleted; that change is to come.
 */
export interface HeldBy {
  holder: Holder;
  /** Null where the source has no row of it. */
  sourceKey: string | null;
  state: 'kept' | 'moving' | 'going';
  /** The source row as it stands; null unless it moves. */
  source: StoredRow | null;
}

/** Who on the target holds a unique value that `wanted` needs. */
export async function heldBy(deps: ApplyDeps, wanted: Wanted): Promise<HeldBy[]> {
  const holders = await deps.target.findHolders(deps.route.target, wanted.row, wanted.targetKey);
  return Promise.all(holders.map((holder) => judge(deps, wanted, holder)));
}

async function judge(deps: ApplyDeps, wanted: Wanted, holder: Holder): Promise<HeldBy> {
  const { source, target, route } = deps;
  const identity = await target.findIdentityByTarget({
    pipeline: route.pipeline,
    entity: route.entity,
    sourceSide: route.source.side,
    targetSide: route.target.side,
    targetKey: holder.key,
  });
  const sourceKey = identity?.sourceKey ?? (await sourceOf(deps, holder.key));
  if (sourceKey === null) return { holder, sourceKey, state: 'kept', source: null };
  const held = versionOn(holder.row, route.target.side, identity?.written ?? null);
  const row = await source.findRow(route.source, sourceKey);
  const back = route.twoWay ? await findBack(source, route, route.entity, sourceKey) : null;
  if (row === null) {
    const gone = await deletedAfter(deps, sourceKey, { held, brought: back?.tombstone ?? null });
    return { holder, sourceKey, state: gone ? 'going' : 'kept', source: null };
  }
  const version = versionOn(row, route.source.side, back?.written ?? null);
  const follows = !byClock(route) || (version !== null && isNewer(version, held, route.fixedSide));
  const moving = follows && differs(deps, wanted, holder, mapStored(route, row.values));
  return { holder, sourceKey, state: moving ? 'moving' : 'kept', source: moving ? row : null };
}

/** Of a row that came from the target the source's own row is in the source's ledger. */
async function sourceOf({ source, route }: ApplyDeps, targetKey: string): Promise<string | null> {
  if (!route.twoWay) return null;
  const back = { ...identityKey(route, route.entity, targetKey) };
  const { source: from, target: to } = route;
  const identity = await source.findIdentity({ ...back, sourceSide: to.side, targetSide: from.side });
  return identity?.targetKey ?? null;
}

/** A row is of the side that wrote its clock: Tandem's, where the ledger says it wrote this one. */
export function versionOn(row: StoredRow, side: string, written: Version | null): Version | null {
  if (row.clock === null) return null;
  return written?.clock === row.clock ? written : { clock: row.clock, side };
}

/** Whether the larger row clock wins; under another policy the source's change is taken to. */
const byClock = ({ policy }: Route): boolean => policy === 'last_write_wins';

/**
 * Whether the source's own delete will win over what the target holds; one that nobody recorded is taken to. `brought`: a
 * delete of the target's that Tandem carried out on the source; what the target holds came after that.
 */
async function deletedAfter(
  { source, route }: ApplyDeps,
  key: string,
  { held, brought }: { held: Version | null; brought: Version | null },
): Promise<boolean> {
  if (!byClock(route)) return true;
  const { pipeline, entity, fixedSide } = route;
  const { side } = route.source;
  const clock = await source.findLocalTombstone({ pipeline, entity, side, key });
  if (clock === null) return brought === null;
  return isNewer({ clock, side }, held, fixedSide);
}

/** Whether the holder's source row, mapped, no longer holds the value: a reference is compared by the source's key. */
function differs({ route }: ApplyDeps, wanted: Wanted, { row, index }: Holder, mapped: Row): boolean {
  return index.columns.some((name) => {
    const column = route.columns.find(({ to }) => to.name === name);
    if (!column) return false;
    return mapped[name] !== (column.references ? wanted.own[name] : row.values[name]);
  });
}
