import type { ChangeEvent } from '../change/event.ts';
import type { Row } from '../change/value.ts';
import type {
  Claim,
  ClaimScope,
  Holder,
  Identity,
  Reader,
  Transaction,
  Version,
} from '../database/contract.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Route } from '../pipeline/route.ts';
import { isNewer } from './version.ts';

/** The target row an event means, and whether the claim on it is still to be written once the row is there. */
export interface Pair {
  key: string | null;
  claims: boolean;
}

export const claimScope = ({ pipeline, entity }: Route): ClaimScope => ({ pipeline, entity });

/** Whether events go to the side whose ledger holds the claims. */
export const isToward = ({ target, fixedSide }: Route): boolean => target.side === fixedSide;

/** Why an event has to come again: the other direction is about to say which row is whose. */
export const unsettled = ({ entity, source, target }: Route): SyncError =>
  new SyncError(
    'waiting_for_row',
    `which row of ${entity} on ${source.side} is which on ${target.side} is being settled by an event of the other direction`,
  );

/**
 * The target row of an event in the transaction that applies it, its identity under lock. Without `matchOn` that is what
 * the ledgers say. With it the claims in the fixed side's ledger decide, and toward that side a row of the same natural
 * key that no claim names is adopted. Throws `waiting_for_row` while the other direction is settling the row.
 */
export async function settlePair(
  tx: Transaction,
  route: Route,
  { event, version, row }: { event: ChangeEvent; version: Version | null; row: Row | null },
  identity: Identity,
  resolved: string | null,
): Promise<Pair> {
  if (route.matchOn === null) return { key: identity.targetKey ?? resolved, claims: false };
  if (!isToward(route)) return { key: settledAway(identity, resolved), claims: false };
  const of = claimScope(route);
  const own = await tx.lockClaim(of, { otherKey: event.primary_key });
  if (own) return { key: identity.targetKey ?? own.fixedKey, claims: false };
  const moved = await moveClaim(tx, of, event);
  if (moved) return { key: identity.targetKey ?? moved.fixedKey, claims: false };
  const known = identity.targetKey ?? resolved;
  if (known !== null) {
    const claim = await tx.lockClaim(of, { fixedKey: known });
    if (claim === null) return { key: known, claims: true };
    if (claim.otherKey === null) throw unsettled(route);
    // Of another row: the note that led here is about to be taken back.
  }
  if (row === null || isOver(route, identity, version)) return { key: null, claims: false };
  const [candidate] = await candidates(tx, route, row);
  if (!candidate) return { key: null, claims: true };
  const claim = await tx.lockClaim(of, { fixedKey: candidate.key });
  if (claim && claim.otherKey === null) throw unsettled(route);
  // A row of another's is none to take: the insert will say who holds the value.
  if (claim) return { key: null, claims: true };
  const locked = await tx.lockRow(route.target, candidate.key);
  if (!locked || route.matchOn.some((name) => locked.values[name] !== candidate.row.values[name]))
    throw new SyncError('contention', `the row of ${route.entity} to adopt changed meanwhile`);
  return { key: candidate.key, claims: true };
}

/** The claim of a re-keyed row's previous key, now on its new one; null where there is none. */
async function moveClaim(tx: Transaction, of: ClaimScope, event: ChangeEvent): Promise<Claim | null> {
  if (event.previous_key === undefined) return null;
  const claim = await tx.lockClaim(of, { otherKey: event.previous_key });
  if (claim) await tx.updateClaim(of, claim.fixedKey, { ...claim, otherKey: event.primary_key });
  return claim;
}

/** A note that was not settled is not followed; one that was is written, or equal to what was settled. */
function settledAway({ targetKey, written }: Identity, resolved: string | null): string | null {
  if (targetKey === null || targetKey === resolved) return resolved;
  if (written !== null) return targetKey;
  if (resolved !== null) return resolved;
  throw new SyncError('contention', 'another event of the row noted a candidate meanwhile');
}

/** Whether a delete that is known already outranks the event: nothing comes of it. */
export const isOver = ({ fixedSide }: Route, { tombstone }: Identity, version: Version | null): boolean =>
  tombstone !== null && version !== null && !isNewer(version, tombstone, fixedSide);

/** Target rows that hold the row's natural key. */
export async function candidates(reader: Reader, route: Route, row: Row): Promise<Holder[]> {
  const natural = new Set(route.matchOn);
  const holders = await reader.findHolders(route.target, row, null);
  return holders.filter(
    ({ index: { columns, predicate } }) =>
      predicate === null && columns.length === natural.size && columns.every((name) => natural.has(name)),
  );
}
