import type { Outcome } from '../change/outcome.ts';

/** How far one table has been read. */
export interface PollCursor {
  /** Canonical time of the last change that was read. */
  at: string;
  /** Canonical key of the last row of that time; null: none of them yet. */
  key: string | null;
}

/** What a poll has to remember from one look to the next. */
export interface PollProgress {
  /** By entity; one that is missing begins a day back. */
  cursors: Readonly<Record<string, PollCursor>>;
  /** When tables were last begun to be looked through again behind their cursors, ISO 8601; null before. */
  sweptAt: string | null;
  /** By entity: what is still to be looked through again. */
  sweeps: Readonly<Record<string, { from: PollCursor; until: string }>>;
  /** When the last comparison of keys ended, ISO 8601; null before the first. */
  comparedAt: string | null;
  /** Where the comparison under way is, of the rows of a table that the ledger knows, or of all; null between two. */
  comparing: { entity: string; what: 'known' | 'rows'; after: string | null } | null;
}

export const pollBegins: PollProgress = {
  cursors: {},
  sweptAt: null,
  sweeps: {},
  comparedAt: null,
  comparing: null,
};

/** Input of `poll`. */
export interface PollInput {
  pipeline: string;
  side: string;
  /** Where an earlier run left off when its history had grown; absent at the start. */
  status?: PollStatus;
}

/** Answer of the query `status`; no row values. */
export interface PollStatus {
  progress: PollProgress;
  rows: number;
  outcomes: Partial<Record<Outcome, number>>;
  /** Rows that went on in a `syncChange` of their own. */
  left: number;
  /** By entity: why its last look failed. It is looked at again. */
  troubles: Readonly<Record<string, string>>;
}

export interface PollLook extends PollStatus {
  /** Until the next look, milliseconds; 0 where more rows wait. */
  waitMs: number;
}

export interface PollActivities {
  /**
   * One look at each of a side's tables: rows that changed since the last one are brought as they are now, and a part of the
   * comparison is done while one is under way. `rows`, `outcomes` and `left` are of this look. Doing it again
   * changes nothing of what was done. One table's failure is told in `troubles` and holds up no other.
   */
  pollSide(input: { pipeline: string; side: string; progress: PollProgress }): Promise<PollLook>;
}
