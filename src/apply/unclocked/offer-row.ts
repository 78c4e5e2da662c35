import type { ChangeEvent } from '../../change/event.ts';
import type { ApplyResult } from '../../change/outcome.ts';
import type { Row } from '../../change/value.ts';
import type { Identity, StoredRow } from '../../database/contract.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Route } from '../../pipeline/route.ts';
import { decide } from '../decide.ts';
import type { Verdict } from '../decide.ts';
import { newRowKey } from '../derived-key.ts';
import { identityKey } from '../identity-key.ts';
import type { ApplyDeps } from '../resolve-identity.ts';
import { mapped } from '../situation.ts';
import { broughtOver, givenTo, hashOf, hashOfRow, sameRows } from './contents.ts';
import { finish, nothing } from './finish.ts';
import type { Share } from './finish.ts';
import { writeRow } from './mirror-row.ts';

/**
 * Brings the other side's row, as it is now, to the winning side, where the winner's row is still what that side was
 * given, or what it brought itself. Otherwise the winner's own change is on its way, the row stays, and the edit that
 * loses is recorded. Then notes on the other side that it has what it brought. Throws `contention` where either row was
 * written meanwhile; the event is to be tried again, also after the winner's row was written.
 */
export async function offerRow(deps: ApplyDeps, event: ChangeEvent, share: Share): Promise<ApplyResult> {
  const { route, source, target } = deps;
  const back = deps.back!;
  const { given: ofSource, row } = await readOffered(deps, event.primary_key);
  const given = givenTo(ofSource);
  const key = identityKey(route, route.entity, event.primary_key);
  const wanted = await broughtOver(deps, row);
  const foundKey =
    (await target.findIdentity(key))?.targetKey ??
    ofSource?.sourceKey ??
    newRowKey(route, event.primary_key, wanted ?? {});
  const found = foundKey === null ? null : await target.findRow(route.target, foundKey);
  const foundAsGiven = await hashAsGiven({ source: target, target: source, route: back }, found);
  const { result, acknowledges, targetKey } = await target.transaction(async (tx) => {
    const known = await tx.lockIdentity(key, ofSource?.sourceKey ?? null);
    const own = known.targetKey ?? foundKey;
    const held = own === null ? null : await tx.lockRow(route.target, own);
    if (own !== foundKey || hashOf(route, held) !== hashOf(route, found))
      throw new SyncError('contention', `a row of ${route.entity} changed while it was looked at`);
    const asBrought = givenTo(known) === hashOf(route, held);
    const nothingNew =
      given === undefined
        ? row === null && givenTo(known) === undefined
        : // The winner's row may be what an older look at this one brought.
          hashOf(back, row) === given && !(asBrought && foundAsGiven !== given);
    const inStep =
      asBrought ||
      (given === undefined ? held === null && givenTo(known) === undefined : foundAsGiven === given);
    const verdict = nothingNew ? nothing : judge(event, wanted, { route, held, inStep });
    const writtenTo = await writeRow(tx, route, verdict, { targetKey: own, wanted, held });
    if (verdict.write !== 'none')
      await tx.saveIdentity(key, {
        targetKey: writtenTo,
        rowHash: hashOfRow(wanted),
        sourceTimestamp: event.timestamp,
      });
    return {
      result: await finish(tx, deps, event, share, { verdict, targetKey: writtenTo, incoming: wanted, held }),
      acknowledges: !nothingNew && verdict.outcome !== 'conflict_kept',
      targetKey: writtenTo,
    };
  });
  if (acknowledges && targetKey !== null)
    await acknowledge(deps, event, { back, winnerKey: targetKey, hash: hashOf(back, row), seen: ofSource });
  return result;
}

/** The offering side's row and what it was given, as of one moment. */
function readOffered({ source, route }: ApplyDeps, sourceKey: string) {
  return source.transaction(async (tx): Promise<{ given: Identity | null; row: StoredRow | null }> => {
    const named = await tx.findIdentityByTarget({
      pipeline: route.pipeline,
      entity: route.entity,
      sourceSide: route.target.side,
      targetSide: route.source.side,
      targetKey: sourceKey,
    });
    const given = named && (await tx.lockIdentity(named, null));
    return { given, row: await tx.lockRow(route.source, sourceKey) };
  });
}

/** The winner's row as the other side would be given it; undefined where it cannot have been: a parent is not there. */
async function hashAsGiven(deps: ApplyDeps, row: StoredRow | null): Promise<string | null | undefined> {
  try {
    return hashOfRow(await broughtOver(deps, row));
  } catch (error) {
    if (error instanceof SyncError && error.errorClass === 'waiting_for_row') return undefined;
    throw error;
  }
}

function judge(
  { operation }: ChangeEvent,
  wanted: Row | null,
  { route, held, inStep }: { route: Route; held: StoredRow | null; inStep: boolean },
): Verdict {
  const current = held && mapped(route, held);
  if (sameRows(wanted, current)) return nothing;
  return decide({
    operation: wanted === null ? 'DELETE' : operation === 'DELETE' ? 'UPDATE' : operation,
    newer: inStep,
    same: false,
    rowExists: held !== null,
    equal: false,
    changedByTarget: !inStep,
    lost: false,
  });
}

/** What the offering side has is what it brought, unless its row was written since it was read, by whomever. */
function acknowledge(
  { source, route }: ApplyDeps,
  { primary_key: sourceKey, timestamp }: ChangeEvent,
  {
    back,
    winnerKey,
    hash,
    seen,
  }: { back: Route; winnerKey: string; hash: string | null; seen: Identity | null },
): Promise<void> {
  return source.transaction(async (tx) => {
    const sides = { sourceSide: route.target.side, targetSide: route.source.side };
    const key = { ...identityKey(route, route.entity, winnerKey), ...sides };
    const now = await tx.lockIdentity(key, sourceKey);
    const row = await tx.lockRow(route.source, sourceKey);
    if (now.counter !== (seen?.counter ?? 0n) || hashOf(back, row) !== hash)
      throw new SyncError('contention', `a row of ${route.entity} was written while it was brought over`);
    await tx.saveIdentity(key, { targetKey: sourceKey, rowHash: hash, sourceTimestamp: timestamp });
  });
}
