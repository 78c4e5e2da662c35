import type { ChangeEvent } from '../change/event.ts';
import type { ApplyResult } from '../change/outcome.ts';
import type { Row } from '../change/value.ts';
import { SyncError } from '../errors/sync-error.ts';
import { mapStored } from '../pipeline/transform.ts';
import { identityKey } from './identity-key.ts';
import { isUnclocked } from './unclocked/is-unclocked.ts';
import { findBack } from './resolve-identity.ts';
import type { ApplyDeps } from './resolve-identity.ts';
import { exchange, findCircle } from './swap.ts';
import { heldBy } from './unique-holder.ts';
import type { HeldBy } from './unique-holder.ts';

/** A change the target refused: its row in the target's columns, references as the source's keys and as the target's. */
export interface RefusedChange {
  event: ChangeEvent;
  row: Row;
  references: Row;
}

/**
 * What a refusal by the target comes to. Returns where the rows could exchange their values; throws `waiting_for_row`
 * where the holder's own change is to come, `constraint` naming both rows where it is not, and `error` as it is where
 * no unique value stands in the way.
 */
export async function settleClash(
  deps: ApplyDeps,
  { event, row, references }: RefusedChange,
  error: SyncError,
): Promise<ApplyResult> {
  const { route, source } = deps;
  const targetKey =
    (event.previous_key && (await targetOf(deps, event.previous_key))) ??
    (await targetOf(deps, event.primary_key));
  const held = await heldBy(deps, { targetKey, row: { ...row, ...references }, own: row });
  if (held.length === 0) throw error;
  const own = await source.findRow(route.source, event.primary_key);
  const now = own && mapStored(route, own.values);
  if (held.some(({ holder }) => !now || holder.index.columns.some((name) => now[name] !== row[name])))
    throw new SyncError(
      'waiting_for_row',
      `a unique value of ${route.entity} is taken on ${route.target.side}, and a newer change of the row itself is to come`,
      { constraint: error.constraint },
    );
  const kept = held.find(({ state }) => state === 'kept');
  if (kept) throw clashOf(deps, event, kept, error);
  // What a side that does not win brings is taken row by row, each upon what the winner has.
  const taken = isUnclocked(route) && route.policy !== `side:${route.source.side}`;
  const circle = targetKey === null || taken ? null : await findCircle(deps, event.primary_key, targetKey);
  if (circle) return exchange(deps, event, circle);
  throw new SyncError(
    'waiting_for_row',
    `a unique value of ${route.entity} is held on ${route.target.side} by a row whose own change is to come from ${route.source.side}`,
    { constraint: held[0]!.holder.index.name },
  );
}

/** The target row of a source key, by both ledgers. */
async function targetOf({ route, source, target }: ApplyDeps, sourceKey: string): Promise<string | null> {
  const known = await target.findIdentity(identityKey(route, route.entity, sourceKey));
  if (known?.targetKey != null || !route.twoWay) return known?.targetKey ?? null;
  return (await findBack(source, route, route.entity, sourceKey))?.sourceKey ?? null;
}

function clashOf(
  { route }: ApplyDeps,
  { primary_key }: ChangeEvent,
  { holder, sourceKey }: HeldBy,
  { code }: SyncError,
): SyncError {
  const { entity, source, target } = route;
  const holding = sourceKey === null ? `, which ${source.side} does not know` : '';
  return new SyncError(
    'constraint',
    `a row of ${entity} on ${source.side} and another on ${target.side}${holding}, hold the same unique value ` +
      `(constraint ${holder.index.name})`,
    {
      code,
      constraint: holder.index.name,
      rows: [
        { entity, side: source.side, key: primary_key },
        { entity, side: target.side, key: holder.key },
      ],
    },
  );
}
