import { otherSide, sides } from './schema.ts';
import type { EntityName, Side } from './schema.ts';
import type { World } from './world.ts';

/** The other side's keys of a row, by both ledgers; rows that agree have exactly one. */
export function partnersOf(world: World, entity: EntityName, side: Side, key: string): Set<string> {
  const partners = new Set<string>();
  const there = world.databases[otherSide[side]].contents.identities.committed.values();
  const here = world.databases[side].contents.identities.committed.values();
  for (const { entity: of, sourceKey, targetKey } of there)
    if (of === entity && sourceKey === key && targetKey !== null) partners.add(targetKey);
  for (const { entity: of, sourceKey, targetKey } of here)
    if (of === entity && targetKey === key) partners.add(sourceKey);
  return partners;
}

/** Which keys of an entity stand for one row, over time: by what both ledgers hold in the end. */
export function groupsOf(world: World, entity: EntityName): (side: Side, key: string) => string {
  const parent = new Map<string, string>();
  const root = (of: string): string => {
    const up = parent.get(of);
    return up === undefined ? of : root(up);
  };
  for (const side of sides)
    for (const { entity: of, sourceKey, targetKey } of world.databases[
      side
    ].contents.identities.committed.values()) {
      if (of !== entity || targetKey === null) continue;
      const [a, b] = [root(`${otherSide[side]}:${sourceKey}`), root(`${side}:${targetKey}`)];
      if (a !== b) parent.set(a, b);
    }
  return (side, key) => root(`${side}:${key}`);
}
