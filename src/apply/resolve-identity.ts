import type { ChangeEvent } from '../change/event.ts';
import type { Row } from '../change/value.ts';
import type { Database, Identity } from '../database/contract.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { MappedColumn, Parent, Route } from '../pipeline/route.ts';
import { referencedKeys } from '../pipeline/transform.ts';
import type { ResolvedIdentity } from '../temporal/messages.ts';
import { ancestryOf, isCausal, newestWrite } from './causality.ts';
import { derivedKey } from './derived-key.ts';
import { identityKey } from './identity-key.ts';
import { isOutranked } from './outranked.ts';
import { isUnclocked } from './unclocked/is-unclocked.ts';

export interface ApplyDeps {
  source: Database;
  target: Database;
  route: Route;
  /** The entity's route the other way; of entities without row clocks. */
  back?: Route | undefined;
  /** The event has waited for another row: it leaves the waiting room in the transaction that applies it. */
  waited?: boolean;
}

/**
 * Read-only look-ahead before the transaction: which target row the event means, and its parents' keys there.
 * The target's ledger is asked first, then the source's (a row that came from the other side is known there).
 * Throws `waiting_for_row` while a parent has no row on the target, unless the event will write nothing.
 */
export async function resolveIdentity(deps: ApplyDeps, event: ChangeEvent): Promise<ResolvedIdentity> {
  // Resolved when the row is read: the event's own may be long outdated.
  if (isUnclocked(deps.route)) return { targetKey: null, references: {}, echo: false };
  const row = knownRow(deps, event);
  const [known, references] = await Promise.all([row, resolveReferences(deps, event).catch(unlessOutranked)]);
  return references === null ? { ...known, references: {}, outranked: true } : { ...known, references };

  async function unlessOutranked(error: unknown): Promise<null> {
    const waits = error instanceof SyncError && error.errorClass === 'waiting_for_row';
    if (waits && (await isOutranked(deps, event, (await row).targetKey))) return null;
    throw error;
  }
}

async function knownRow({ source, target, route }: ApplyDeps, event: ChangeEvent) {
  const own = await target.findIdentity(identityKey(route, route.entity, event.primary_key));
  const targetKey = own?.targetKey ?? null;
  const causal = isCausal(route);
  const moved = event.previous_key !== undefined;
  const read = event.snapshot && event.clock !== null;
  if (!route.twoWay || (targetKey !== null && event.operation !== 'DELETE' && !causal && !moved && !read))
    return { targetKey, echo: false };
  const back = await findBack(source, route, route.entity, event.primary_key);
  const previous =
    event.previous_key === undefined
      ? undefined
      : await findBack(source, route, route.entity, event.previous_key);
  return {
    ...(previous !== undefined && { previousTargetKey: previous?.sourceKey ?? null }),
    targetKey: (moved ? (back?.sourceKey ?? targetKey) : (targetKey ?? back?.sourceKey)) ?? null,
    echo: event.operation === 'DELETE' && (await isOwnDelete(source, route, event, back)),
    ...(causal && { ancestry: ancestryOf(event, back) }),
    ...(read &&
      back?.written?.clock === BigInt(event.clock!) && {
        madeBy: back.written.side,
      }),
  };
}

/** The identity the source's ledger holds of a row that Tandem wrote there. */
export const findBack = (source: Database, route: Route, entity: string, sourceKey: string) =>
  source.findIdentityByTarget({
    pipeline: route.pipeline,
    entity,
    sourceSide: route.target.side,
    targetSide: route.source.side,
    targetKey: sourceKey,
  });

/** Whether a delete event is Tandem's own coming back: its tombstone is on the source, and no newer one of the app. */
async function isOwnDelete(source: Database, route: Route, event: ChangeEvent, back: Identity | null) {
  const own = back?.tombstone?.clock;
  const last = back && route.merge ? newestWrite(back) : own;
  if (own === undefined || last == null || event.clock === null || BigInt(event.clock) > last) return false;
  const local = await source.findLocalTombstone({
    pipeline: route.pipeline,
    entity: route.entity,
    side: route.source.side,
    key: event.primary_key,
  });
  return local === null || local < own;
}

const resolveReferences = (deps: ApplyDeps, event: ChangeEvent): Promise<Row> =>
  parentKeys(deps, referencedKeys(deps.route, event));

/** The parents' keys on the target by column. Throws `waiting_for_row` while one has no row there. */
export async function parentKeys(
  deps: ApplyDeps,
  referenced: ReadonlyMap<MappedColumn, string>,
): Promise<Row> {
  const resolved = [...referenced].map(async ([mapped, sourceKey]) => {
    const parent = mapped.references!;
    const { entity, keyStrategy } = parent;
    const derived = derivedKey(keyStrategy, { pipeline: deps.route.pipeline, entity, sourceKey });
    if (derived !== null) return [mapped.to.name, derived] as const;
    const { key, counter } = await parentKey(deps, parent, sourceKey);
    if (key === null)
      throw new SyncError(
        'waiting_for_row',
        `${deps.route.entity}.${mapped.from.name} refers to a row of ${entity} that ${deps.route.target.side} does not have yet`,
        {
          column: mapped.from.name,
          ...(counter !== null && {
            awaits: { entity, side: deps.route.source.side, key: sourceKey, counter },
          }),
        },
      );
    return [mapped.to.name, key] as const;
  });
  return Object.fromEntries(await Promise.all(resolved));
}

/** `counter`: of the parent's identity; null where what is waited for changes no identity of the target. */
async function parentKey(
  deps: ApplyDeps,
  parent: Parent,
  sourceKey: string,
): Promise<{ key: string | null; counter: string | null }> {
  const { source, target, route } = deps;
  const table = parent.table!;
  const own = await target.findIdentity(identityKey(route, parent.entity, sourceKey));
  const counter = counterOf(own);
  if (parent.claimsOn !== null) {
    const claim = await claimOf(deps, parent, sourceKey);
    // While the pair is being settled a target row that is only noted may not be the one.
    if (claim?.key === null) return { key: own?.written ? own.targetKey : null, counter: null };
    if (claim && own?.targetKey == null) return { key: claim.key, counter };
    // A row whose key its app has changed is under the new one in the claim or in the ledger, whichever heard of it.
    if (claim && own?.targetKey !== claim.key && !(await target.findRow(table, own!.targetKey!)))
      return { key: claim.key, counter };
  }
  if (own && own.targetKey !== null) {
    // Without tombstones only the row itself tells whether it is there.
    const mayBeGone = own.tombstone !== null || (route.twoWay && table.clock === null);
    const gone = mayBeGone && !(await target.findRow(table, own.targetKey));
    return { key: gone ? null : own.targetKey, counter };
  }
  if (!route.twoWay) return { key: null, counter };
  return { key: (await findBack(source, route, parent.entity, sourceKey))?.sourceKey ?? null, counter };
}

/** The pair of a row matched by its natural key, as the claims have it: its key is null while it is being settled. */
async function claimOf(
  { source, target, route }: ApplyDeps,
  { entity, claimsOn }: Parent,
  sourceKey: string,
): Promise<{ key: string | null } | null> {
  const of = { pipeline: route.pipeline, entity };
  if (claimsOn === route.target.side) {
    const own = await target.findClaim(of, { otherKey: sourceKey });
    if (own) return { key: own.fixedKey };
    const noted = (await findBack(source, route, entity, sourceKey))?.sourceKey ?? null;
    return noted !== null && (await target.findClaim(of, { fixedKey: noted })) ? { key: null } : null;
  }
  const claim = await source.findClaim(of, { fixedKey: sourceKey });
  return claim && { key: claim.otherKey };
}

/** Of an identity that was looked at; one that is made later has a larger one. */
export const counterOf = (identity: Identity | null): string => String(identity?.counter ?? -1);
