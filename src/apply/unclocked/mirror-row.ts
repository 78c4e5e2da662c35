import type { ChangeEvent } from '../../change/event.ts';
import type { ApplyResult } from '../../change/outcome.ts';
import type { Row } from '../../change/value.ts';
import type { Identity, StoredRow, Transaction } from '../../database/contract.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Route } from '../../pipeline/route.ts';
import { decide } from '../decide.ts';
import type { Verdict } from '../decide.ts';
import { newRowKey } from '../derived-key.ts';
import { identityKey } from '../identity-key.ts';
import { deleteUnreferenced } from '../remove-row.ts';
import { counterOf, findBack } from '../resolve-identity.ts';
import type { ApplyDeps } from '../resolve-identity.ts';
import { mapped } from '../situation.ts';
import { broughtOver, givenTo, hashOf, hashOfRow, sameRows } from './contents.ts';
import { finish, nothing } from './finish.ts';
import type { Share } from './finish.ts';

/**
 * Brings the winning side's row, as it is now, to the other side, where that was not given it yet. An edit of the other
 * side that the winner has not taken over is overwritten and recorded. Throws `contention` where the winner's row was
 * written meanwhile: what was read is older than that, so it is to be done again.
 */
export async function mirrorRow(deps: ApplyDeps, event: ChangeEvent, share: Share): Promise<ApplyResult> {
  const { route, source, target } = deps;
  const back = await findBack(source, route, route.entity, event.primary_key);
  const row = await source.findRow(route.source, event.primary_key);
  const wanted = await broughtOver(deps, row);
  const key = identityKey(route, route.entity, event.primary_key);
  const result = await target.transaction(async (tx) => {
    const known = await tx.lockIdentity(key, back?.sourceKey ?? null);
    const targetKey = known.targetKey ?? back?.sourceKey ?? newRowKey(route, event.primary_key, wanted ?? {});
    const held = targetKey === null ? null : await tx.lockRow(route.target, targetKey);
    const given = givenTo(known);
    // Until the other side has noted that a row it brought is here, that is what it was given.
    const before = given === undefined && back ? back.rowHash : given;
    const isNew =
      (back && given === undefined ? ownHash(route, row) : hashOfRow(wanted)) !== (before ?? null);
    const verdict = isNew ? judge(event, wanted, { route, held, given }) : nothing;
    const writtenTo = await writeRow(tx, route, verdict, { targetKey, wanted, held });
    if (isNew)
      await tx.saveIdentity(key, {
        targetKey: writtenTo,
        rowHash: hashOfRow(wanted),
        sourceTimestamp: event.timestamp,
      });
    return finish(tx, deps, event, share, { verdict, targetKey: writtenTo, incoming: wanted, held });
  });
  const after = await findBack(source, route, route.entity, event.primary_key);
  const now = await source.findRow(route.source, event.primary_key);
  // A newer change may have been looked at, and found in place, before this one was written.
  if (counterOf(after) !== counterOf(back) || ownHash(route, now) !== ownHash(route, row))
    throw new SyncError('contention', `a row of ${route.entity} was written while it was brought over`);
  return result;
}

/** Of the source's own columns, as an identity of the way back holds it. */
const ownHash = ({ columns }: Route, row: StoredRow | null): string | null =>
  hashOfRow(row && Object.fromEntries(columns.map(({ from }) => [from.name, row.values[from.name] ?? null])));

function judge(
  { operation }: ChangeEvent,
  wanted: Row | null,
  { route, held, given }: { route: Route; held: StoredRow | null; given: string | null | undefined },
): Verdict {
  const current = held && mapped(route, held);
  return decide({
    operation: wanted === null ? 'DELETE' : operation === 'DELETE' ? 'UPDATE' : operation,
    newer: true,
    same: false,
    rowExists: held !== null,
    equal: current !== null && sameRows(wanted, current),
    changedByTarget: given === undefined ? held !== null : hashOf(route, held) !== given,
    lost: false,
  });
}

/** Returns the key of the row, also of one that is gone. */
export async function writeRow(
  tx: Transaction,
  route: Route,
  { write }: Verdict,
  {
    targetKey,
    wanted,
    held,
  }: { targetKey: Identity['targetKey']; wanted: Row | null; held: StoredRow | null },
): Promise<string | null> {
  const marks = { clock: null };
  if (write === 'insert') return tx.insertRow(route.target, targetKey, wanted!, marks);
  if (write === 'delete') await deleteUnreferenced(tx, route, targetKey!);
  if (write === 'update') {
    const changed = Object.entries(wanted!).filter(([name, value]) => held!.values[name] !== value);
    await tx.updateRow(route.target, targetKey!, Object.fromEntries(changed), marks);
  }
  return targetKey;
}
