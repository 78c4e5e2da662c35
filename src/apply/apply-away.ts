import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { Claim, Identity, Transaction } from '../database/contract.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ResolvedIdentity, TransformedChange } from '../temporal/messages.ts';
import { applyChange } from './apply-change.ts';
import { candidates, claimScope, isOver } from './claims.ts';
import { identityKey } from './identity-key.ts';
import type { ApplyDeps } from './resolve-identity.ts';
import { versionOf } from './situation.ts';

/**
 * Applies an event of the fixed side to an entity with `matchOn`. Two ledgers have to agree on the pair, and no
 * transaction spans both, so each step is committed before the next: the row is claimed in its own ledger, which keeps
 * the other direction from adopting it; a new row is written, or a candidate noted; then the claim is completed, which
 * is refused where the other direction gave the candidate away. Every step finds out for itself how far an earlier try came.
 */
export async function applyAway(
  deps: ApplyDeps,
  event: ChangeEvent,
  transformed: TransformedChange,
  resolved: ResolvedIdentity,
): Promise<ApplyResult> {
  const apply = (targetKey: string | null) =>
    applyChange(deps, event, transformed, { ...resolved, targetKey });
  if (resolved.echo) return apply(resolved.targetKey);
  const { target, route } = deps;
  const key = identityKey(route, route.entity, event.primary_key);
  let identity = await target.findIdentity(key);
  const known = identity?.targetKey ?? resolved.targetKey;
  const claim = await claimSource(deps, event, known);
  // A delete of a row nobody has paired leaves a tombstone; there is nothing to claim.
  if (claim === null) return apply(null);
  if (claim.otherKey !== null) {
    const result = await apply(claim.otherKey);
    if (result.target_key !== null && result.target_key !== claim.otherKey && !result.replayed)
      await complete(deps, event, result.target_key, null);
    return result;
  }
  // Of an event that its row's tombstone outranks the parents are not known: it can be no pair's.
  if (known === null && (resolved.outranked || !(await noteCandidate(deps, event, transformed, resolved)))) {
    const result = await apply(null);
    if (result.target_key !== null) await complete(deps, event, result.target_key, null);
    return result;
  }
  identity = await target.findIdentity(key);
  const pair = identity?.targetKey ?? known;
  if (pair === null) throw changedMeanwhile();
  await complete(deps, event, pair, identity);
  return apply(pair);
}

const changedMeanwhile = () =>
  new SyncError('contention', 'another event of the row changed its note meanwhile');

/**
 * The row's claim, which moves along with its key by itself; made where it is new, without the other side's key. Null for
 * a delete of a row that was never paired.
 */
async function claimSource(
  { source, route }: ApplyDeps,
  { primary_key: fixedKey, operation }: ChangeEvent,
  known: string | null,
): Promise<Claim | null> {
  const of = claimScope(route);
  const found = await source.findClaim(of, { fixedKey });
  if (operation === 'DELETE' && known === null) return found?.otherKey != null ? found : null;
  if (found) return found;
  return source.transaction(async (tx) => {
    const own = await tx.lockClaim(of, { fixedKey });
    if (own) return own;
    const claim = { fixedKey, otherKey: null };
    await tx.insertClaim(of, claim);
    return claim;
  });
}

/** Notes a target row of the same natural key that nobody has as the row's pair to be; false where there is none. */
function noteCandidate(
  { source, target, route }: ApplyDeps,
  event: ChangeEvent,
  transformed: TransformedChange,
  resolved: ResolvedIdentity,
): Promise<boolean> {
  const row = transformed.row && { ...transformed.row, ...resolved.references };
  return candidateOf().then((candidate) => candidate !== null && note(candidate));

  async function candidateOf(): Promise<string | null> {
    const [candidate] = row ? await candidates(target, route, row) : [];
    if (!candidate) return null;
    const claimed = await source.findClaim(claimScope(route), { otherKey: candidate.key });
    return claimed ? null : candidate.key;
  }

  function note(candidate: string): Promise<boolean> {
    return target.transaction(async (tx) => {
      const key = identityKey(route, route.entity, event.primary_key);
      const identity = await tx.lockIdentity(key, null);
      if (identity.targetKey !== null) return true;
      if (isOver(route, identity, versionOf(route, event)) || (await tx.findProcessed(event.event_id)))
        return false;
      const of = { pipeline: route.pipeline, entity: route.entity, targetKey: candidate };
      const sides = { sourceSide: route.source.side, targetSide: route.target.side };
      if (await tx.findIdentityByTarget({ ...of, ...sides })) return false;
      await tx.saveIdentity(key, { targetKey: candidate, sourceTimestamp: event.timestamp });
      return true;
    });
  }
}

/**
 * Completes the row's claim. A pair that was written is no candidate any more and stands. Throws `contention` where
 * the candidate is given away, is gone, or was deleted and the delete applied; its note is taken back then.
 */
async function complete(
  deps: ApplyDeps,
  event: ChangeEvent,
  otherKey: string,
  identity: Identity | null,
): Promise<void> {
  const { source, target, route } = deps;
  const of = claimScope(route);
  const noted = identity !== null && identity.written === null;
  const row = noted ? await target.findRow(route.target, otherKey) : null;
  let taken = false;
  const completed = await source.transaction(async (tx) => {
    const back = await tx.lockIdentity(backKey(deps, otherKey), null);
    const claim = await tx.lockClaim(of, { fixedKey: event.primary_key });
    if (claim?.otherKey === otherKey) return true;
    if (claim === null || (noted && claim.otherKey !== null)) return false;
    const gone =
      noted &&
      (row === null || (back.tombstone !== null && row.clock !== null && back.tombstone.clock >= row.clock));
    if (gone) return false;
    const held = await tx.lockClaim(of, { otherKey });
    if (held) {
      const ended = held.fixedKey === event.previous_key || !(await tx.findRow(route.source, held.fixedKey));
      taken = true;
      if (noted || !ended) return false;
      await tx.updateClaim(of, held.fixedKey, { ...held, otherKey: null });
    }
    await tx.updateClaim(of, event.primary_key, { fixedKey: event.primary_key, otherKey });
    return true;
  });
  if (completed) return;
  await target.transaction((tx) => takeBack(tx, deps, event, otherKey, taken));
  throw changedMeanwhile();
}

/** Of a row that was written nothing is taken back, unless another row has it by now. */
async function takeBack(
  tx: Transaction,
  { route }: ApplyDeps,
  event: ChangeEvent,
  otherKey: string,
  taken: boolean,
): Promise<void> {
  const key = identityKey(route, route.entity, event.primary_key);
  const { targetKey, written } = await tx.lockIdentity(key, null);
  if (targetKey === otherKey && (written === null || taken))
    await tx.saveIdentity(key, { targetKey: null, sourceTimestamp: event.timestamp });
}

/** The identity of a target row as a source row, in the source's ledger. */
const backKey = ({ route }: ApplyDeps, targetKey: string) => ({
  ...identityKey(route, route.entity, targetKey),
  sourceSide: route.target.side,
  targetSide: route.source.side,
});
