/**
 * What is wrong with a row. `different`: values. `missing`: one side has it, the other not. `unmapped`: both have it, and no
 * ledger knows that. `orphaned`: a ledger knows it, and neither side has it. `refused`: its values cannot be brought over.
 * `dependent`: it refers to a row that has no partner.
 */
export type FindingKind = 'different' | 'missing' | 'unmapped' | 'orphaned' | 'refused' | 'dependent';

/** A pair of rows as it was seen. */
export interface SeenPair {
  /** Canonical key on the entity's first side; null where it is not known. */
  key: string | null;
  /** Canonical key on the other side. */
  other: string | null;
  /** Hash of all that was seen of both rows: another one once either has changed. Empty of rows that agree. */
  look: string;
}

/** A column of a pair of rows, values shortened; payload fields only. */
export interface VerifyRow {
  /** Of the first side, and of the other. */
  from: string;
  to: string;
  /** As the first side's row has it in the other side's form. */
  expected: string | null;
  /** As the other side's row has it. */
  held: string | null;
}

/** What a look at a pair of rows came to. */
export interface Look extends SeenPair {
  /** Null: they agree. */
  kind: FindingKind | null;
  side: string | null;
  columns: readonly string[];
  values: readonly VerifyRow[];
  /** No change that is under way can explain it: both rows are of one version. */
  certain: boolean;
  fingerprint: string | null;
}
