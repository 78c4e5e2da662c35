import type { LiveTable } from '../database/live-schema.ts';
import { commonStart, likeness, without, wordsOf } from './names.ts';
import { bestPairs, pairColumns } from './pair-columns.ts';
import type { LiveSide, TablePair } from './proposal.ts';

const least = 0.45;

/** The likeliest pairs of tables, without what their columns refer to yet. */
function likelyTables(from: LiveSide, to: LiveSide) {
  const starts = [from, to].map(({ tables }) => commonStart(tables.map(({ name }) => wordsOf(name))));
  const bare = (at: 0 | 1, { name }: LiveTable) => without(wordsOf(name), starts[at]!);
  const pairs = from.tables.flatMap((one) =>
    to.tables.map((other) => {
      const named = Math.max(
        likeness(wordsOf(one.name), wordsOf(other.name)),
        likeness(bare(0, one), bare(1, other)),
      );
      const columns = pairColumns([from.engine, one], [to.engine, other]);
      const alike = columns.reduce((sum, { confidence }) => sum + confidence, 0);
      const overlap = alike / Math.max(Math.sqrt(one.columns.size * other.columns.size), 1);
      const confidence = Math.max(0.55 * named + 0.45 * Math.min(overlap, 1), 0.8 * overlap);
      return { from: one.name, to: other.name, one, other, named, columns: columns.length, confidence };
    }),
  );
  return bestPairs(pairs.filter(({ confidence }) => confidence >= least));
}

/** Tables that are likely the same of both sides, and how their columns correspond. */
export function pairTables(from: LiveSide, to: LiveSide): TablePair[] {
  const likely = likelyTables(from, to);
  const partner = new Map(likely.map((pair) => [pair.from, pair.to]));
  return likely.map(({ one, other, named, confidence }) => {
    const columns = pairColumns(
      [from.engine, one],
      [to.engine, other],
      (parent, otherParent) => partner.get(parent) === otherParent,
    );
    const name = named === 1 ? 'the same name' : named >= 0.7 ? 'names much alike' : 'names that differ';
    return {
      from: one,
      to: other,
      confidence: Math.min(confidence, 1),
      reason: `${name}, ${columns.length} of ${one.columns.size} and ${other.columns.size} columns correspond`,
      columns: columns.map((each) => ({ ...each, references: null })),
    };
  });
}
