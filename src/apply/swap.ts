import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { Row } from '../change/value.ts';
import type { Identity, StoredRow, Transaction, UniqueIndex, Version } from '../database/contract.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Route } from '../pipeline/route.ts';
import { mapStored, storedReferences } from '../pipeline/transform.ts';
import { claimScope, isToward } from './claims.ts';
import { identityKey } from './identity-key.ts';
import { parkedValues } from './park.ts';
import { isLater } from './position.ts';
import { counterOf, findBack, parentKeys } from './resolve-identity.ts';
import type { ApplyDeps } from './resolve-identity.ts';
import { rowHash } from './row-hash.ts';
import { isUnclocked } from './unclocked/is-unclocked.ts';
import { heldBy, versionOn } from './unique-holder.ts';
import { isNewer } from './version.ts';

/** A row of a circle: what its source row holds by now is to be written over its target row. */
interface Member {
  sourceKey: string;
  targetKey: string;
  source: StoredRow;
  /** Mapped, with references as the target's keys. */
  row: Row;
  version: Version | null;
  /** What the source last took over of the target row; null where it never did. */
  seen: Version | null;
  /** Counter of the identity of the way back, from before the row was read. */
  counterBack: string;
  /** The target row as it was found; null of the first, which nothing was asked about. */
  held: StoredRow;
  /** What takes it out of the others' way. */
  parked: Row;
}

/** More rows than that are left to wait. */
const mostMembers = 16;

/**
 * The rows that wait for each other in a circle through this one: each wants a unique value another one holds, and
 * each one's source row holds another value by now. Null where there is no circle, or where a row outside of it has
 * to go first, or where a value cannot be parked.
 */
export async function findCircle(
  deps: ApplyDeps,
  sourceKey: string,
  targetKey: string,
): Promise<readonly Member[] | null> {
  if (!mayExchange(deps.route)) return null;
  const first = await deps.target.findRow(deps.route.target, targetKey);
  if (!first) return null;
  const members = new Map<string, Member>();
  const indexes = new Map<string, Set<UniqueIndex>>();
  const open = [{ sourceKey, targetKey, held: first }];
  for (let next = open.shift(); next; next = open.shift()) {
    if (members.has(next.targetKey)) continue;
    if (members.size === mostMembers) return null;
    const member = await memberOf(deps, next);
    if (!member) return null;
    members.set(next.targetKey, member);
    const wanted = {
      targetKey: next.targetKey,
      row: member.row,
      own: mapStored(deps.route, member.source.values),
    };
    for (const { holder, sourceKey: key, state } of await heldBy(deps, wanted)) {
      if (state !== 'moving' || key === null) return null;
      const held = indexes.get(holder.key) ?? new Set();
      indexes.set(holder.key, held.add(holder.index));
      open.push({ sourceKey: key, targetKey: holder.key, held: holder.row });
    }
  }
  if (!indexes.has(targetKey)) return null;
  for (const [key, held] of indexes)
    for (const index of held) {
      const values = await parkedValues(deps.target, deps.route, index);
      if (!values) return null;
      Object.assign(members.get(key)!.parked, values);
    }
  return [...members.values()];
}

/** Where what the source row holds by now is to stand on the target, whatever stands there. */
const mayExchange = (route: Route): boolean =>
  route.policy === 'last_write_wins' ||
  route.policy === 'source_wins' ||
  (isUnclocked(route) && route.policy === `side:${route.source.side}`);

async function memberOf(
  deps: ApplyDeps,
  { sourceKey, targetKey, held }: { sourceKey: string; targetKey: string; held: StoredRow },
): Promise<Member | null> {
  const { source: database, route } = deps;
  const back = route.twoWay ? await findBack(database, route, route.entity, sourceKey) : null;
  const source = await database.findRow(route.source, sourceKey);
  if (!source || !(await isSettled(deps, sourceKey, targetKey))) return null;
  const parents = await parentKeys(deps, storedReferences(route, source.values));
  const row = { ...mapStored(route, source.values), ...parents };
  if (isUnclocked(route) && (await wasGiven(deps, sourceKey, row))) return null;
  return {
    sourceKey,
    targetKey,
    source,
    row,
    version: versionOn(source, route.source.side, back?.written ?? null),
    seen: back?.written ?? null,
    counterBack: counterOf(back),
    held,
    parked: {},
  };
}

/** Without row clocks: what the target was given already, its app may have changed knowing it. */
async function wasGiven({ target, route }: ApplyDeps, sourceKey: string, row: Row): Promise<boolean> {
  const known = await target.findIdentity(identityKey(route, route.entity, sourceKey));
  return known?.rowHash === rowHash(row);
}

/** Whether the pair is no mere note of an entity with `matchOn`. */
async function isSettled({ source, target, route }: ApplyDeps, sourceKey: string, targetKey: string) {
  if (route.matchOn === null) return true;
  const of = claimScope(route);
  const claim = isToward(route)
    ? await target.findClaim(of, { fixedKey: targetKey })
    : await source.findClaim(of, { otherKey: targetKey });
  return (isToward(route) ? claim?.otherKey : claim?.fixedKey) === sourceKey;
}

/**
 * Writes every row of a circle as its source holds it, in one transaction, each under its own row clock: its own event
 * finds its version there, or a newer one. Throws `contention` where a row changed since it was read.
 */
export async function exchange(
  deps: ApplyDeps,
  event: ChangeEvent,
  circle: readonly Member[],
): Promise<ApplyResult> {
  const { source, route } = deps;
  const result = await exchangeRows(deps, event, circle);
  if (isUnclocked(route))
    for (const { sourceKey, counterBack } of circle) {
      const back = await findBack(source, route, route.entity, sourceKey);
      if (counterOf(back) !== counterBack)
        throw new SyncError('contention', `a row of ${route.entity} was written while it was brought over`);
    }
  return result;
}

function exchangeRows(
  { target, route }: ApplyDeps,
  event: ChangeEvent,
  circle: readonly Member[],
): Promise<ApplyResult> {
  const ordered = circle.toSorted((a, b) => (a.sourceKey < b.sourceKey ? -1 : 1));
  return target.transaction(async (tx) => {
    const locked: { member: Member; identity: Identity }[] = [];
    for (const member of ordered) {
      const key = identityKey(route, route.entity, member.sourceKey);
      locked.push({ member, identity: await tx.lockIdentity(key, member.targetKey) });
    }
    const processed = await tx.findProcessed(event.event_id);
    const known = processed && {
      outcome: processed.outcome,
      target_key: processed.targetKey,
      replayed: true,
    };
    // Without row clocks an event that comes again compares all the same.
    if (known && !isUnclocked(route)) return known;
    for (const { member, identity } of locked) await assertAsFound(tx, route, member, identity);
    for (const { targetKey, parked, held } of ordered)
      await tx.updateRow(route.target, targetKey, parked, { clock: held.clock });
    let conflict = false;
    for (const { member, identity } of locked) {
      const overwrites = await write(tx, route, event, member, identity);
      conflict ||= overwrites && member.sourceKey === event.primary_key;
    }
    if (known) return known;
    const targetKey = circle[0]!.targetKey;
    const outcome = conflict ? 'conflict_applied' : 'applied';
    const { pipeline, entity } = route;
    await tx.recordProcessed({ eventId: event.event_id, pipeline, entity, outcome, targetKey });
    return {
      outcome,
      target_key: targetKey,
      replayed: false,
      ...(conflict && { conflict: 'update_origin_differs' as const }),
    };
  });
}

async function assertAsFound(
  tx: Transaction,
  route: Route,
  { targetKey, held, version }: Member,
  identity: Identity,
): Promise<void> {
  const row = await tx.lockRow(route.target, targetKey);
  const existing = versionOn(held, route.target.side, identity.written);
  const same =
    row !== null &&
    (version === null || isNewer(version, existing, route.fixedSide)) &&
    identity.targetKey === targetKey &&
    row.clock === held.clock &&
    route.columns.every(({ to }) => row.values[to.name] === held.values[to.name]);
  if (!same)
    throw new SyncError('contention', `a row of ${route.entity} changed while values were exchanged`);
}

/** True where an edit of the target that the source had not seen is overwritten; then it is recorded. */
async function write(
  tx: Transaction,
  route: Route,
  event: ChangeEvent,
  member: Member,
  identity: Identity,
): Promise<boolean> {
  const { sourceKey, targetKey, row, version, held } = member;
  const current = Object.fromEntries(route.columns.map(({ to }) => [to.name, held.values[to.name] ?? null]));
  const changed = Object.fromEntries(
    Object.entries({ ...row }).filter(([name, value]) => name in member.parked || current[name] !== value),
  );
  await tx.updateRow(route.target, targetKey, changed, { clock: version?.clock ?? null });
  const own =
    sourceKey === event.primary_key && !event.snapshot && isLater(event.position, identity.position);
  await tx.saveIdentity(identityKey(route, route.entity, sourceKey), {
    rowHash: rowHash(row),
    ...(own && { position: event.position, sourceTimestamp: event.timestamp }),
    ...(version && { written: version }),
  });
  const existing = versionOn(held, route.target.side, identity.written);
  const known = rowHash(current) === identity.rowHash || (existing && member.seen?.clock === existing.clock);
  if (known) return false;
  await tx.recordConflict({
    eventId: event.event_id,
    pipeline: route.pipeline,
    entity: route.entity,
    targetSide: route.target.side,
    targetKey,
    type: 'update_origin_differs',
    verdict: 'applied',
    incoming: { version: version ?? { clock: 0n, side: route.source.side }, row },
    existing: { version: existing, row: current },
  });
  return true;
}
