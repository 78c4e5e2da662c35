import type { ForeignKey, LiveTable } from '../database/live-schema.ts';
import type { Engine } from '../pipeline/define.ts';
import { likeness, without, wordsOf } from './names.ts';
import { pairValues } from './pair-values.ts';
import type { ValuePair } from './pair-values.ts';

export interface Likely {
  from: string;
  to: string;
  confidence: number;
  reason: string;
  values: ValuePair;
}

/** Below it two columns are taken for strangers. */
const least = 0.4;

/** Columns that Tandem's own triggers keep. */
export const ownColumns = ({ columns }: LiveTable): ReadonlySet<string> =>
  new Set(columns.has('sync_clock') ? ['sync_clock', 'source'] : []);

/** The foreign key that is this one column. */
export const parentOf = ({ foreignKeys }: LiveTable, column: string): ForeignKey | undefined =>
  foreignKeys.find(({ columns }) => columns.length === 1 && columns[0] === column);

/** A column's words: as it is called, and without what says which table it is in. */
function readings(column: string, table: string): readonly (readonly string[])[] {
  const words = wordsOf(column);
  return [words, without(words, wordsOf(table)), without(words, wordsOf(table).slice(-1))];
}

/** How alike two columns are called, each within its own table. */
export function columnLikeness(from: string, fromTable: string, to: string, toTable: string): number {
  const [own, ...bare] = readings(from, fromTable);
  const [other, ...otherBare] = readings(to, toTable);
  const inTable = Math.max(...bare.flatMap((a) => otherBare.map((b) => likeness(a, b))));
  return Math.max(likeness(own!, other!), 0.95 * inTable);
}

/** Of all pairs the best, each thing once, in the order they came in. */
export function bestPairs<T extends { from: string; to: string; confidence: number }>(
  pairs: readonly T[],
): T[] {
  const taken = { from: new Set<string>(), to: new Set<string>() };
  const best = pairs
    .toSorted((a, b) => b.confidence - a.confidence)
    .filter(({ from, to }) => {
      if (taken.from.has(from) || taken.to.has(to)) return false;
      taken.from.add(from);
      taken.to.add(to);
      return true;
    });
  return pairs.filter((pair) => best.includes(pair));
}

/**
 * The likeliest pairs of columns of two tables. `samePair` says whether two tables are a pair themselves, as far as that is
 * known: columns that refer to tables that are none are no pair.
 */
export function pairColumns(
  [fromEngine, from]: readonly [Engine, LiveTable],
  [toEngine, to]: readonly [Engine, LiveTable],
  samePair: (from: string, to: string) => boolean = () => true,
): Likely[] {
  const pairs: Likely[] = [];
  const own = [ownColumns(from), ownColumns(to)] as const;
  for (const column of from.columns.values())
    for (const other of to.columns.values()) {
      if (own[0].has(column.name) || own[1].has(other.name)) continue;
      const values = pairValues({ engine: fromEngine, column }, { engine: toEngine, column: other });
      if (values === null) continue;
      const named = columnLikeness(column.name, from.name, other.name, to.name);
      const parents = [parentOf(from, column.name), parentOf(to, other.name)] as const;
      const refer = parents[0] && parents[1] ? samePair(parents[0].parent, parents[1].parent) : null;
      if (refer === false) continue;
      const likely = refer === true ? Math.max(named, 0.5 + named / 2) : named;
      const confidence = likely * values.certainty;
      if (confidence < least) continue;
      pairs.push({
        from: column.name,
        to: other.name,
        confidence,
        reason: `${nameReason(named)}, ${values.reason}${refer ? ', both refer to one entity' : ''}`,
        values,
      });
    }
  return bestPairs(pairs);
}

const nameReason = (named: number) =>
  named === 1 ? 'the same name' : named >= 0.7 ? 'names much alike' : 'names somewhat alike';
