import type { ChangeEvent } from '../../change/event.ts';
import type { ApplyResult } from '../../change/outcome.ts';
import type { Row } from '../../change/value.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Route } from '../../pipeline/route.ts';
import { mapStored, storedReferences } from '../../pipeline/transform.ts';
import { applyChange } from '../apply-change.ts';
import { applyEvent } from '../apply-event.ts';
import { isCausal } from '../causality.ts';
import { deleteUnreferenced } from '../remove-row.ts';
import { parentKeys } from '../resolve-identity.ts';
import type { ApplyDeps } from '../resolve-identity.ts';
import { mapped } from '../situation.ts';
import type { Held } from '../situation.ts';
import { newestClock } from '../version.ts';

/** A pair of rows of a two-way entity with row clocks, seen from the side that is right. */
export interface RightPair {
  /** From the side that is right to the other, and back. */
  way: ApplyDeps;
  back: ApplyDeps;
  /** Of the event to each side, by the side. */
  ids: Readonly<Record<string, string>>;
  /** Null where that side never had the row. */
  key: string | null;
  otherKey: string;
  right: Held;
  wrong: Held;
}

/**
 * Makes what one side holds of a row, its end included, a new version of both: a microsecond above all that either ever had of
 * it. First on the side that is right, so that whatever its app does from then on is newer; then on the other. Each step
 * is taken only while the row is the version that was seen, and throws `contention` otherwise. A change of either
 * app is newer than the repair, and wins.
 */
export async function writeNewVersion(
  pair: RightPair,
): Promise<{ event: ChangeEvent; result: ApplyResult } | null> {
  const { way, back, key, otherKey, right, wrong } = pair;
  const newest = newestClock(right.version?.clock, wrong.version?.clock);
  if (newest === null) throw new SyncError('schema', 'the row has no row clock on either side');
  const clock = newest + 1n;
  await applyChange(
    { target: back.target, route: asRight(back.route) },
    eventOf(pair, back.route, otherKey, clock, right),
    { row: right.row && mapped(back.route, right.row), before: null },
    {
      targetKey: key,
      references: {},
      madeBy: way.route.source.side,
      ...seenAs(back.route, right, right.version),
    },
  );
  if (key === null) {
    await removeUnknown(way, otherKey, wrong);
    return null;
  }
  const event = eventOf(pair, way.route, key, clock, wrong);
  const values = right.row?.values;
  const result = await applyEvent(
    { ...way, route: asRight(way.route) },
    event,
    { row: values ? mapStored(way.route, values) : null, before: null },
    {
      targetKey: otherKey,
      references: values ? await parentKeys(way, storedReferences(way.route, values)) : {},
      ...seenAs(way.route, wrong, null),
    },
  );
  return { event, result };
}

/** The policies that ask what a version had seen let the side win that the event comes from. */
const asRight = (route: Route): Route =>
  isCausal(route) ? { ...route, policy: `side:${route.source.side}` } : route;

/** Of the right side's own version its new one is the next; what it overwrites on the other side it had not seen. */
const seenAs = (route: Route, { version }: Held, seen: Held['version']) => ({
  echo: false,
  ...(version && { expects: String(version.clock) }),
  ...(isCausal(route) && { ancestry: { overtaken: false, seen: seen && String(seen.clock) } }),
});

const eventOf = (
  { ids, right, wrong }: RightPair,
  route: Route,
  key: string,
  clock: bigint,
  target: Held,
): ChangeEvent => ({
  event_id: ids[route.target.side]!,
  event_version: '1.0.0',
  pipeline: route.pipeline,
  entity_type: route.entity,
  operation: right.row ? 'UPDATE' : 'DELETE',
  primary_key: key,
  payload: groupClocks(route, clock, wrong.row ? target : null),
  before: null,
  source: route.source.side,
  timestamp: new Date().toISOString(),
  // A read: it raises no position.
  position: { epoch: 0, order: '' },
  snapshot: true,
  clock: String(clock),
  origin: null,
});

/** Under `merge_columns` every group is of the new version; a row that is there stays the same one. */
function groupClocks({ merge }: Route, clock: bigint, target: Held | null): Row {
  if (merge === null) return {};
  const groups = merge.groups.map((group) => [group.clock, String(clock)] as const);
  return { ...Object.fromEntries(groups), [merge.born]: target?.row?.values[merge.born] ?? String(clock) };
}

/** Deletes a row that the right side never had: no event could name it there. Its end is in that side's ledger by now. */
function removeUnknown({ target, route }: ApplyDeps, key: string, { version }: Held): Promise<void> {
  return target.transaction(async (tx) => {
    const row = await tx.lockRow(route.target, key);
    if (row === null) return;
    if (row.clock !== version?.clock) throw new SyncError('contention', 'the row is another version by now');
    await deleteUnreferenced(tx, route, key);
  });
}
