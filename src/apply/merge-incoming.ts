import type { Merge, Route } from '../pipeline/route.ts';
import { asIs, grouped, mergeRows } from './merge.ts';
import type { GroupedRow } from './merge.ts';
import { isInStep, mapped } from './situation.ts';
import type { Held, Incoming, MergeFacts } from './situation.ts';

/**
 * Under `merge_columns` the event with what it and the held row come to. A delete ends the row that it was made upon, and
 * every one inserted before it, whatever was written to it meanwhile: what a group is worth without its row cannot be told.
 */
export function mergeIncoming(route: Route, incoming: Incoming, held: Held): Incoming {
  const { merge } = route;
  if (!merge) return incoming;
  const current = held.row && grouped(merge, mapped(route, held.row), held.row.values);
  if (!incoming.row) return { ...incoming, merge: ofDelete(incoming, held, current) };
  const brought = grouped(merge, incoming.row, incoming.event.payload);
  if (!current) {
    const newer = held.version === null || brought.born > held.version.clock;
    return {
      ...incoming,
      merge: { clocks: asIs(merge, brought).clocks, joins: false, newer, same: false, contested: false },
    };
  }
  const merged = mergeRows(merge, brought, current, route.source.side === route.fixedSide);
  return {
    ...incoming,
    row: merged.row,
    merge: {
      clocks: merged.clocks,
      joins: brought.born <= current.born,
      newer: merged.newer,
      same: !merged.newer && isSame(brought, current),
      contested: isContested(merge, incoming, brought, current),
    },
  };
}

function ofDelete({ version }: Incoming, held: Held, current: GroupedRow | null): MergeFacts {
  const clock = version!.clock;
  const newer = current ? current.born <= clock : held.version === null || held.version.clock < clock;
  const same = !current && held.version?.clock === clock;
  return { clocks: {}, joins: false, newer, same, contested: true };
}

const isSame = (a: GroupedRow, b: GroupedRow) =>
  a.born === b.born && [...a.groups].every(([column, clock]) => b.groups.get(column) === clock);

/** A group that the event changed, has other values for, and whose values on the target it had not seen. */
function isContested(
  { groups }: Merge,
  { event, row, before }: Incoming,
  brought: GroupedRow,
  current: GroupedRow,
): boolean {
  if (brought.born !== current.born) return true;
  return groups.some(
    (group) =>
      group.columns.some(({ to }) => brought.row[to.name] !== current.row[to.name]) &&
      (before === null || group.columns.some(({ from }) => event.before?.[from.name] !== undefined)) &&
      !isInStep(group, { event, row, before }, current.row),
  );
}
