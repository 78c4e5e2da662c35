import type { JournaledWrite, Write } from './journal.ts';
import type { MappedRow, Snapshot } from './rows.ts';
import { fixedSide, sides } from './words.ts';
import type { Entity, Side } from './words.ts';

/** All that was one row: its pair of keys, and those it had before. */
export interface Lineage {
  entity: Entity;
  writes: JournaledWrite[];
  live: { side: Side; row: MappedRow }[];
}

const node = (entity: Entity, side: Side, key: string): string => `${entity} ${side}:${key}`;

class Unions {
  readonly #parents = new Map<string, string>();

  find(name: string): string {
    let root = name;
    for (let up = this.#parents.get(root); up !== undefined; up = this.#parents.get(root)) root = up;
    if (root !== name) this.#parents.set(name, root);
    return root;
  }

  join(one: string, other: string): void {
    const [a, b] = [this.find(one), this.find(other)];
    if (a !== b) this.#parents.set(a, b);
  }
}

/** Sorts writes and live rows by what the ledgers and the changes of keys say is one row. */
export function lineages(
  writes: readonly JournaledWrite[],
  both: Readonly<Record<Side, Snapshot>>,
): Lineage[] {
  const unions = new Unions();
  for (const { side, entity, key, oldKey } of writes)
    if (oldKey !== undefined) unions.join(node(entity, side, oldKey), node(entity, side, key));
  for (const { entity, sourceKey, targetKey } of both.revamp.identities)
    if (targetKey !== null) unions.join(node(entity, 'legacy', sourceKey), node(entity, 'revamp', targetKey));
  for (const { entity, sourceKey, targetKey } of both.legacy.identities)
    if (targetKey !== null) unions.join(node(entity, 'revamp', sourceKey), node(entity, 'legacy', targetKey));
  const found = new Map<string, Lineage>();
  const of = (entity: Entity, side: Side, key: string): Lineage => {
    const root = unions.find(node(entity, side, key));
    const known = found.get(root) ?? { entity, writes: [], live: [] };
    found.set(root, known);
    return known;
  };
  for (const write of writes) of(write.entity, write.side, write.key).writes.push(write);
  for (const side of sides)
    for (const [entity, table] of Object.entries(both[side].tables))
      for (const row of table.values()) of(entity as Entity, side, row.key).live.push({ side, row });
  return [...found.values()];
}

/** Whether one version outranks the other: by clock, then by side. */
export const outranks = (one: Pick<Write, 'clock' | 'side'>, other: Pick<Write, 'clock' | 'side'>): boolean =>
  one.clock > other.clock ||
  (one.clock === other.clock && one.side === fixedSide && other.side !== fixedSide);

export const told = ({ entity, side, key, kind, clock, text, ending }: JournaledWrite): string =>
  `${ending} ${kind} of ${entity} ${side}:${key} at ${clock}${text === null ? '' : ` saying ${text}`}`;
