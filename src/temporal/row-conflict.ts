import type { Outcome } from '../change/outcome.ts';
import type { Row } from '../change/value.ts';
import type { Failure } from './failures.ts';

/** A version of a row, on the side that made it. */
export interface SideVersion {
  side: string;
  /** Canonical key. */
  key: string;
  /** Row clock; a deleted row's is its tombstone's. */
  clock: string;
  /** The declared columns; null: deleted; absent: too large to hold here. */
  row?: Row | null;
}

/** Under policy `manual`: two versions of one row, neither made with the other in sight; the entity's first side's first. */
export interface RowConflict {
  kind: 'conflict';
  /** Of the row pair, see `conflictId`. */
  eventId: string;
  entity: string;
  versions: readonly [SideVersion, SideVersion];
}

/** Input of `deadLetter` where an operator has to choose between two versions of a row; a `conflict` signal brings later ones. */
export interface ConflictInput {
  pipeline: string;
  subject: RowConflict;
  failure: Failure;
  /** Where an earlier run left off when its history had grown; absent at the start. */
  openedAt?: string;
}

/** What an operator's choice came to. `changed`: a row is another version than was shown; nothing was written. */
export type ConflictDecision =
  { state: 'settled'; outcome: Outcome | null } | { state: 'changed'; subject: RowConflict };
