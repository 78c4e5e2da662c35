import type { Row, WireRow } from '../change/value.ts';
import type { Merge } from '../pipeline/route.ts';

/** A row with the clocks its groups were last changed at, and the one it came to be at. */
export interface GroupedRow {
  row: Row;
  born: bigint;
  /** By the clock's column. */
  groups: ReadonlyMap<string, bigint>;
}

export interface Merged {
  /** The event changes what the target holds, a clock of it at least. */
  newer: boolean;
  /** The mapped columns as they are to be. */
  row: Row;
  /** The clock columns as they are to be. */
  clocks: Row;
  /** Clock columns of the groups that the event's values replace. */
  taken: ReadonlySet<string>;
}

/** Reads the clocks of an image; one that predates them counts as never changed. */
export function grouped(merge: Merge, row: Row, image: WireRow): GroupedRow {
  const clock = (column: string) => {
    const text = image[column];
    return typeof text === 'string' && /^\d+$/.test(text) ? BigInt(text) : 0n;
  };
  return {
    row,
    born: clock(merge.born),
    groups: new Map(merge.groups.map((group) => [group.clock, clock(group.clock)])),
  };
}

/**
 * Joins two versions of a row: the one that came to be later replaces the other; of one row each group of columns takes
 * its later value, ties the fixed side's. The order of joins does not matter.
 */
export function mergeRows(merge: Merge, incoming: GroupedRow, held: GroupedRow, winsTies: boolean): Merged {
  if (incoming.born !== held.born) {
    const newer = incoming.born > held.born;
    const taken = new Set(newer ? merge.groups.map(({ clock }) => clock) : []);
    return { ...asIs(merge, newer ? incoming : held), newer, taken };
  }
  const taken = new Set<string>();
  let newer = false;
  for (const { clock, columns } of merge.groups) {
    const [theirs, ours] = [incoming.groups.get(clock)!, held.groups.get(clock)!];
    const differs = columns.some(({ to }) => incoming.row[to.name] !== held.row[to.name]);
    if (theirs > ours) newer = true;
    if (differs && (theirs > ours || (theirs === ours && winsTies))) taken.add(clock);
  }
  const groups = new Map(
    [...held.groups].map(([clock, ours]) => {
      const theirs = incoming.groups.get(clock)!;
      return [clock, theirs > ours ? theirs : ours];
    }),
  );
  const row = { ...held.row };
  for (const { clock, columns } of merge.groups)
    if (taken.has(clock)) for (const { to } of columns) row[to.name] = incoming.row[to.name]!;
  return { ...asIs(merge, { row, born: held.born, groups }), newer: newer || taken.size > 0, taken };
}

/** The row as it stands, with its clocks as columns. */
export function asIs(merge: Merge, { row, born, groups }: GroupedRow): Pick<Merged, 'row' | 'clocks'> {
  const clocks = [...groups].map(([column, clock]) => [column, String(clock)] as const);
  return { row, clocks: { ...Object.fromEntries(clocks), [merge.born]: String(born) } };
}
