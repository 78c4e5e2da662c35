/** What applying a change event came to. */
export const outcomes = [
  'applied',
  'unchanged',
  'stale',
  'conflict_applied',
  'conflict_kept',
  'discarded',
] as const;

export type Outcome = (typeof outcomes)[number];

/** The names PostgreSQL 18 and EDB PGD use. */
export const conflictTypes = [
  'insert_exists',
  'update_missing',
  'update_origin_differs',
  'delete_missing',
  'delete_origin_differs',
  'update_recently_deleted',
  'multiple_unique_conflicts',
] as const;

export type ConflictType = (typeof conflictTypes)[number];

export interface ApplyResult {
  outcome: Outcome;
  /** Canonical key of the target row; null when there is none. */
  target_key: string | null;
  /** True when the outcome was read back from the ledger: the event had been applied before. */
  replayed: boolean;
  /** Present when the event met a change of the target's own app. */
  conflict?: ConflictType | undefined;
  /**
   * Present when the event came from the future: seconds its row clock was ahead of the machine that applied it, more
   * than `SYNC_MAX_CLOCK_SKEW_SECONDS`. Never part of a verdict.
   */
  clock_ahead_seconds?: number | undefined;
}
