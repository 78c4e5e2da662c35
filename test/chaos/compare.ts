import { referenced } from './rows.ts';
import type { MappedRow, Snapshot } from './rows.ts';
import { entities } from './words.ts';
import type { Entity, Side } from './words.ts';

type Both = Readonly<Record<Side, Snapshot>>;

/** Legacy key to the revamp keys that either ledger says it is, by entity. */
type Partners = Readonly<Record<Entity, ReadonlyMap<string, ReadonlySet<string>>>>;

function partnersOf({ legacy, revamp }: Both): Partners {
  const partners = { users: new Map(), posts: new Map(), likes: new Map() } as Record<
    Entity,
    Map<string, Set<string>>
  >;
  const note = (entity: Entity, legacyKey: string, revampKey: string) => {
    const known = partners[entity].get(legacyKey) ?? new Set();
    partners[entity].set(legacyKey, known.add(revampKey));
  };
  for (const { entity, sourceKey, targetKey } of revamp.identities)
    if (targetKey !== null) note(entity, sourceKey, targetKey);
  for (const { entity, sourceKey, targetKey } of legacy.identities)
    if (targetKey !== null) note(entity, targetKey, sourceKey);
  return partners;
}

const shown = (row: MappedRow): string =>
  JSON.stringify({ ...row.values, clock: String(row.clock), source: row.source });

/** Whether two paired rows say the same, references by the rows they mean. */
function same(left: MappedRow, right: MappedRow, partners: Partners): boolean {
  return (
    left.clock === right.clock &&
    Object.entries(left.values).every(([name, value]) => {
      const entity = referenced(name);
      if (entity === undefined || value === null) return right.values[name] === value;
      return partners[entity].get(value)?.has(right.values[name] ?? '') === true;
    })
  );
}

/** Every way in which the sides disagree: rows without a partner or with several, values or row clocks that differ. */
export function disagreements(both: Both): { rows: string[]; identities: string[] } {
  const partners = partnersOf(both);
  const rows: string[] = [];
  const identities: string[] = [];
  for (const entity of entities) {
    const [left, right] = [both.legacy.tables[entity], both.revamp.tables[entity]];
    const taken = new Map<string, string>();
    for (const [key, row] of left) {
      const known = [...(partners[entity].get(key) ?? [])];
      if (known.length > 1)
        identities.push(`${entity} legacy:${key} is revamp:${known.join(' and revamp:')}`);
      const other = known.find((each) => right.has(each));
      if (other === undefined) {
        rows.push(`${entity} legacy:${key} has no row on revamp: ${shown(row)}`);
        continue;
      }
      const before = taken.get(other);
      if (before !== undefined)
        identities.push(`${entity} revamp:${other} is legacy:${before} and legacy:${key}`);
      taken.set(other, key);
      const partner = right.get(other)!;
      if (!same(row, partner, partners))
        rows.push(
          `${entity} legacy:${key} and revamp:${other} differ:\n  ${shown(row)}\n  ${shown(partner)}`,
        );
    }
    for (const [key, row] of right)
      if (!taken.has(key)) rows.push(`${entity} revamp:${key} has no row on legacy: ${shown(row)}`);
  }
  return { rows, identities };
}
