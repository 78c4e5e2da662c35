import type { Outcome } from '../change/outcome.ts';
import type { RetryLimits } from '../errors/policy.ts';

/** Input of `syncBatch`: events of one entity from one side. */
export interface BatchInput {
  pipeline: string;
  /** One or more, as `packEvents` gives them. */
  events: string;
  /** Of the workflows that events leave the batch for. */
  limits: RetryLimits;
}

/** What a batch came to; ids of events, no row values. */
export interface BatchResult {
  /** Outcome to how many events. */
  outcomes: Partial<Record<Outcome, number>>;
  /** Events that left the batch, each to a `syncChange` of its own. */
  left: readonly string[];
}

/** Some of a batch. */
export interface BatchPart extends BatchInput {
  /** Event ids; null: all. */
  only: readonly string[] | null;
}

export interface BatchActivities {
  /**
   * Applies events set-based, each with the outcome its own `syncChange` would have, and runs their effects: of several events
   * of one row those of the last. One that fails by itself, or whose effects do, is left. Throws `unavailable` where a
   * database, or what an effect needs, does not answer, `contention` where none of them could be locked. Doing it again changes
   * nothing of what was done, and may run effects again.
   */
  applyBatch(input: BatchInput): Promise<BatchResult>;
  /**
   * Starts `syncChange` for events under their own ids, which it returns; one that runs is joined. One that has completed
   * runs again: that the target's ledger has no outcome of it says that the target lost it.
   */
  startEvents(part: BatchPart): Promise<readonly string[]>;
}
