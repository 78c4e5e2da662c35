import type { ForeignKey, LiveTable } from '../database/live-schema.ts';
import { ownColumns, parentOf } from './pair-columns.ts';
import type { Candidate, ColumnProposal, KeyProposal, Note, Proposal, TablePair } from './proposal.ts';

interface Columns {
  columns: ColumnProposal[];
  notes: Note[];
  /** Why no row could be brought over; null where rows can. */
  refusal: string | null;
}

/** Nobody else gives it a value. */
const needed = (table: LiveTable, name: string) => {
  const { nullable, hasDefault } = table.columns.get(name)!;
  return !nullable && !hasDefault && !table.computed.has(name);
};

/** The columns of a pair that are to be mapped, and which of them hold keys of other entities. */
export function proposeColumns(
  candidate: Candidate,
  all: readonly Candidate[],
  sides: Proposal['sides'],
): Columns {
  const { pair, key, cut } = candidate;
  const { from, to } = pair;
  const found: Columns = { columns: [], notes: [], refusal: null };
  const leave = (column: ColumnProposal, text: string) => {
    const inKey = key.strategy === 'mapped' && from.key.includes(column.from);
    if (inKey || needed(from, column.from) || needed(to, column.to))
      found.refusal ??= `its rows need ${column.from}, which cannot be mapped: ${text}`;
    found.notes.push({ side: sides[0].name, place: `${column.from} ↔ ${column.to}`, text, blocks: false });
  };
  for (const column of pair.columns) {
    if (key.strategy !== 'mapped' && from.key.includes(column.from) && to.key.includes(column.to)) continue;
    if (key.strategy === 'generated' && (from.key.includes(column.from) || to.key.includes(column.to)))
      continue;
    if (from.computed.has(column.from) || to.computed.has(column.to))
      leave(column, 'the database computes it');
    else if (from.touched.has(column.from) || to.touched.has(column.to))
      leave(column, 'the database sets it at every change by itself, so each side keeps its own');
    else if (cut.has(column.from)) leave(column, 'its references lead in a circle');
    else {
      const parent = parentEntity(pair, column, all);
      if (parent === null) leave(column, 'it refers to rows that are in no entity');
      else found.columns.push(parent === undefined ? column : { ...column, ...parent });
    }
  }
  return found;
}

/** The entity that a column refers to; undefined for an ordinary value, null where what it refers to is in no entity. */
function parentEntity({ from, to }: TablePair, column: ColumnProposal, all: readonly Candidate[]) {
  const keys = [parentOf(from, column.from), parentOf(to, column.to)] as const;
  if (!keys[0] && !keys[1]) return undefined;
  const entity = all.find(
    ({ pair }) => (!keys[0] || refersTo(keys[0], pair.from)) && (!keys[1] || refersTo(keys[1], pair.to)),
  );
  if (!entity) return null;
  return keys[0] && keys[1]
    ? { references: entity.name }
    : {
        references: entity.name,
        confidence: column.confidence * 0.8,
        reason: `${column.reason}; only one side declares the foreign key`,
      };
}

const refersTo = ({ parent, parentColumns }: ForeignKey, table: LiveTable) =>
  parent === table.name && parentColumns.join() === table.key.join();

/** Columns that nothing of the other side is like, and what their rows then lack. */
export function unmappedNotes(
  { from, to, columns: paired }: TablePair,
  mapped: readonly ColumnProposal[],
  key: KeyProposal,
  sides: Proposal['sides'],
): Note[] {
  const notes = (table: LiveTable, side: string, of: (pair: ColumnProposal) => string): Note[] => {
    const known = new Set([...paired, ...mapped].map(of));
    return [...table.columns.keys()]
      .filter((name) => !known.has(name) && !ownColumns(table).has(name))
      .filter((name) => !table.key.includes(name) || key.strategy === 'mapped')
      .map((name) => {
        const blocks = needed(table, name);
        const text = blocks
          ? 'no counterpart, and it must have a value: give it a default'
          : 'no counterpart: it stays on its side';
        return { side, place: `${table.name}.${name}`, text, blocks };
      });
  };
  return [...notes(from, sides[0].name, (pair) => pair.from), ...notes(to, sides[1].name, (pair) => pair.to)];
}
