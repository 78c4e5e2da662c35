import { integer } from './columns.ts';
import type { EntityDefinition, TableColumns } from './define.ts';
import type { MappedColumn, Merge } from './route.ts';

/** The group of the columns that no group names. */
const rest = 'rest';
/** Not a group: the clock of the row's insert. */
const born = 'born';

export const reservedGroups: readonly string[] = [rest, born];

const clockColumn = (entity: EntityDefinition, group: string) => `${entity.clock ?? 'sync_clock'}_${group}`;

/** The clock columns of `merge_columns` beside the row clock, the same on both sides; none under other policies. */
export function groupClockColumns(entity: EntityDefinition): TableColumns {
  if (entity.conflicts !== 'merge_columns') return {};
  const names = [...Object.keys(entity.columnGroups ?? {}), ...reservedGroups];
  return Object.fromEntries(names.map((name) => [clockColumn(entity, name), integer().nullable()]));
}

/** The groups in a route's target columns; null under other policies. `ofFirst` gives a mapped column's name on the first side. */
export function compileMerge(
  entity: EntityDefinition,
  columns: readonly MappedColumn[],
  ofFirst: (mapped: MappedColumn) => string,
): Merge | null {
  if (entity.conflicts !== 'merge_columns') return null;
  const groupOf = new Map(
    Object.entries(entity.columnGroups ?? {}).flatMap(([group, names]) =>
      names.map((name) => [name, group] as const),
    ),
  );
  const groups = [...Object.keys(entity.columnGroups ?? {}), rest].map((name) => ({
    clock: clockColumn(entity, name),
    columns: columns.filter((mapped) => (groupOf.get(ofFirst(mapped)) ?? rest) === name),
  }));
  return { groups, born: clockColumn(entity, born) };
}

/** What is wrong with an entity's groups. */
export function checkColumnGroups(entity: EntityDefinition, say: (problem: string) => void): void {
  const groups = Object.entries(entity.columnGroups ?? {});
  if (entity.conflicts !== 'merge_columns') {
    if (groups.length > 0) say('columnGroups: only merge_columns decides by groups of columns');
    return;
  }
  if (groups.length === 0) say('columnGroups: merge_columns needs at least one group');
  const named = new Set<string>();
  for (const [group, columns] of groups) {
    if (reservedGroups.includes(group)) say(`columnGroups: ${group} is a name of Tandem's own`);
    if (!/^[a-z][a-z0-9_]*$/.test(group)) say(`columnGroups: ${group} cannot be part of a column's name`);
    for (const column of columns) {
      if (!(column in entity.columns)) say(`columnGroups: ${column} of ${group} is not in the column map`);
      if (named.has(column)) say(`columnGroups: ${column} is in two groups`);
      named.add(column);
    }
  }
}
