import type { ChangeEvent } from '../change/event.ts';
import type { Identity, Transaction } from '../database/contract.ts';
import type { Route } from '../pipeline/route.ts';
import type { ResolvedIdentity } from '../temporal/messages.ts';
import { identityKey } from './identity-key.ts';
import { isLater } from './position.ts';
import { removeRow } from './remove-row.ts';
import { readHeld } from './situation.ts';
import type { Held } from './situation.ts';
import { isNewer, newest } from './version.ts';

/**
 * What a change of the source row's key means for the rows of both keys, in the transaction. To the previous key it is a
 * delete, to the new one a write: each key by its own version order, so that the events of both may come in any order.
 * Where the target row of the previous key would have to go, and none stands under the new one, that row is kept and
 * handed on: the returned identity has it. The previous key keeps a tombstone just below the new version.
 */
export async function takeOverTarget(
  tx: Transaction,
  route: Route,
  event: ChangeEvent,
  identity: Identity,
  resolved: ResolvedIdentity,
): Promise<Identity> {
  if (event.previous_key === undefined)
    return route.matchOn ? takeNamed(tx, route, event, identity, resolved) : identity;
  const previousKey = identityKey(route, route.entity, event.previous_key);
  const previous = await tx.lockIdentity(previousKey, resolved.previousTargetKey ?? null);
  const gone = event.clock === null ? null : { clock: BigInt(event.clock) - 1n, side: route.source.side };
  const held = await readHeld(tx, route, previous, previous.targetKey);
  const named = await rowNamedBySource(tx, route, identity, resolved, held);
  const row = named ?? ((await isFree(tx, route, event, identity)) ? previous : null);
  const ofPrevious = row !== null && row.targetKey === previous.targetKey;
  const ends = gone
    ? isNewer(gone, held.version, route.fixedSide)
    : isLater(event.position, previous.position);
  if (held.row !== null && !ends && !(named && ofPrevious))
    return named ? take(tx, route, event, identity, named) : identity;
  if (held.row !== null && !ofPrevious) await removeRow(tx, route, held.key!, event);
  const moves = ofPrevious && (held.row !== null || named !== null);
  await tx.saveIdentity(previousKey, {
    ...(moves && { targetKey: null }),
    rowHash: null,
    sourceTimestamp: event.timestamp,
    ...(isLater(event.position, previous.position) && { position: event.position }),
    ...(gone && {
      tombstone: newest(previous.tombstone, gone, route.fixedSide),
      sourceClock: gone.clock,
    }),
  });
  if (named) return take(tx, route, event, identity, named);
  const { targetKey, written, rowHash, sourceClock } = previous;
  return moves ? { ...identity, targetKey, written, rowHash, sourceClock } : identity;
}

/** Of a matched row whose key was changed before: the claim names the target row, which another key still has in the ledger. */
async function takeNamed(
  tx: Transaction,
  route: Route,
  event: ChangeEvent,
  identity: Identity,
  { targetKey }: ResolvedIdentity,
): Promise<Identity> {
  if (targetKey === null || targetKey === identity.targetKey) return identity;
  const holder = await tx.findIdentityByTarget(byTarget(route, targetKey));
  if (!holder) return identity;
  const { written, rowHash, sourceClock } = holder;
  await tx.saveIdentity(holder, { targetKey: null, rowHash: null, sourceTimestamp: event.timestamp });
  return { ...identity, targetKey, written, rowHash, sourceClock };
}

const byTarget = ({ pipeline, entity, source, target }: Route, targetKey: string) => ({
  pipeline,
  entity,
  sourceSide: source.side,
  targetSide: target.side,
  targetKey,
});

type Taken = Pick<Identity, 'targetKey' | 'written' | 'rowHash' | 'sourceClock'> & {
  holder: Identity | null;
};

/** The living row that the source's own ledger, which moves along with the key, names for the new key. */
async function rowNamedBySource(
  tx: Transaction,
  route: Route,
  identity: Identity,
  { targetKey }: ResolvedIdentity,
  previous: Held,
): Promise<Taken | null> {
  if (targetKey === null || targetKey === identity.targetKey) return null;
  if (previous.row !== null && (await tx.lockRow(route.target, targetKey)) === null) return null;
  const holder = await tx.findIdentityByTarget(byTarget(route, targetKey));
  const { written = null, rowHash = null, sourceClock = null } = holder ?? {};
  return { targetKey, written, rowHash, sourceClock, holder };
}

async function take(
  tx: Transaction,
  route: Route,
  event: ChangeEvent,
  identity: Identity,
  { holder, ...row }: Taken,
): Promise<Identity> {
  if (holder)
    await tx.saveIdentity(holder, { targetKey: null, rowHash: null, sourceTimestamp: event.timestamp });
  const held = await readHeld(tx, route, identity, identity.targetKey);
  if (held.row !== null) await removeRow(tx, route, held.key!, event);
  return { ...identity, ...row };
}

/** Whether the new key has no row, and nothing newer was heard of it. */
async function isFree(tx: Transaction, route: Route, event: ChangeEvent, identity: Identity) {
  const { row, version } = await readHeld(tx, route, identity, identity.targetKey);
  if (row !== null) return false;
  if (event.clock === null) return isLater(event.position, identity.position);
  return isNewer({ clock: BigInt(event.clock), side: route.source.side }, version, route.fixedSide);
}
