import type { LiveTable } from '../database/live-schema.ts';
import type { Engine } from '../pipeline/define.ts';
import type { ValuePair } from './pair-values.ts';

/** A database as `tandem init` found it. */
export interface LiveSide {
  name: string;
  engine: Engine;
  /** Where its URL will be. */
  urlVariable: string;
  tables: readonly LiveTable[];
}

/** How sure a proposal is, from 0 to 1, and of what it follows. */
export interface Belief {
  confidence: number;
  reason: string;
}

export interface ColumnProposal extends Belief {
  from: string;
  to: string;
  values: ValuePair;
  /** Entity whose row's key the column holds. */
  references: string | null;
}

/** A table of each side, and how their columns correspond. The first side's table is `from`. */
export interface TablePair extends Belief {
  from: LiveTable;
  to: LiveTable;
  columns: readonly ColumnProposal[];
}

export type KeyProposal = Belief & { strategy: 'generated' | 'same' | 'mapped' };

/** A pair of tables on its way to an entity. */
export interface Candidate {
  name: string;
  pair: TablePair;
  key: KeyProposal;
  /** Columns of the first side that are not mapped because their references lead in a circle. */
  cut: ReadonlySet<string>;
}

export interface EntityProposal extends TablePair {
  name: string;
  key: KeyProposal;
  /** Columns of the first side; null where nothing tells which rows are the same. */
  matchOn: (Belief & { columns: readonly string[] }) | null;
  /** What is not mapped, and why. */
  notes: readonly Note[];
}

export interface Note {
  side: string;
  /** `table.column`, or a table. */
  place: string;
  text: string;
  /** No row can be written until it is mended. */
  blocks: boolean;
}

export interface Proposal {
  name: string;
  sides: readonly [LiveSide, LiveSide];
  /** Parents before children. */
  entities: readonly EntityProposal[];
  /** Tables that are in no entity, and why. */
  leftOut: readonly Note[];
}
