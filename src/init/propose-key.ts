import type { ColumnKind } from '../pipeline/columns.ts';
import { parentOf } from './pair-columns.ts';
import type { ColumnProposal, EntityProposal, KeyProposal, TablePair } from './proposal.ts';

/** Values of these are written as triggers and ledger write them, whatever the engine. */
const keyKinds: readonly ColumnKind[] = ['integer', 'text', 'uuid'];

/** How the keys of a pair of tables correspond; a text says why they cannot. */
export function proposeKey({ from, to, columns }: TablePair): KeyProposal | string {
  for (const { name, key } of [from, to]) if (key.length === 0) return `${name} has no primary key`;
  if (from.numbered && to.numbered)
    return { strategy: 'generated', confidence: 1, reason: 'both sides number their rows themselves' };
  const parts = from.key.map((column) => columns.find((pair) => pair.from === column));
  if (
    from.key.length !== to.key.length ||
    parts.some((part) => part === undefined || !to.key.includes(part.to))
  )
    return 'the primary keys do not correspond';
  const unfit = parts.find(
    (part) => part!.values.codec !== null || !part!.values.kinds.every((kind) => keyKinds.includes(kind)),
  );
  if (unfit) return `the key's column ${unfit.from} holds values that Tandem does not name rows by`;
  const referring = from.key.some((column) => parentOf(from, column) !== undefined);
  if (from.key.length > 1 || referring)
    return { strategy: 'mapped', confidence: 0.95, reason: 'the key is made of mapped columns' };
  if (from.numbered || to.numbered)
    return {
      strategy: 'same',
      confidence: 0.5,
      reason: 'one side numbers its rows and the other does not: rows made on both would be given one key',
    };
  return { strategy: 'same', confidence: 0.9, reason: 'a row has one key on both sides' };
}

/** The natural key: the shortest unique index over mapped columns that both sides have. */
export function proposeMatch(
  { from, to }: TablePair,
  columns: readonly ColumnProposal[],
): EntityProposal['matchOn'] {
  const uniques = from.uniques
    .filter(({ predicate }) => predicate === null)
    .toSorted((a, b) => a.columns.length - b.columns.length);
  for (const index of uniques) {
    const pairs = index.columns.map((column) => columns.find((pair) => pair.from === column));
    const counterparts = pairs.map((pair) => pair?.to);
    const other = to.uniques.find(
      (each) =>
        each.predicate === null &&
        each.columns.length === counterparts.length &&
        each.columns.every((column) => counterparts.includes(column)),
    );
    if (!other) continue;
    const nullable = index.columns.some((column) => from.columns.get(column)!.nullable);
    return {
      columns: index.columns,
      confidence: nullable ? 0.7 : 0.9,
      reason: `unique on both sides (${index.name}, ${other.name})${nullable ? '; rows without a value are not matched' : ''}`,
    };
  }
  return null;
}
