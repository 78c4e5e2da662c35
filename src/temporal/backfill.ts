import type { Outcome } from '../change/outcome.ts';
import type { RetryLimits } from '../errors/policy.ts';

/** The rows of one entity, from one side to the other. */
export interface BackfillStep {
  entity: string;
  from: string;
  to: string;
}

/** Input of `backfill`. */
export interface BackfillInput {
  pipeline: string;
  /** Parents before children. */
  steps: readonly BackfillStep[];
  /** SQL condition on the source tables; null: all rows. */
  where: string | null;
  /** Only counts what there is to do. */
  dryRun: boolean;
  /** Rows of one page: one activity, and at most one transaction of the target for each kind of work. */
  pageRows: number;
  /** Pages under way at a time. */
  parallel: number;
  /** Null: as fast as it goes. */
  rowsPerSecond: number | null;
  /** At so many open events of the pipeline that wait for no other row no page is begun. */
  mostOpen: number;
  /** At so many that wait for another row none of an entity whose rows may have to. */
  mostWaiting: number;
  /** Of the workflows that rows leave a page for. */
  limits: RetryLimits;
  /** Where an earlier run left off when its history had grown; absent at the start. */
  progress?: BackfillProgress;
}

/** What came of rows so far. */
export interface BackfillCounts {
  rows: number;
  outcomes: Partial<Record<Outcome, number>>;
  /** Rows that go on in a `syncChange` of their own. */
  left: number;
  /** Of a dry run: rows that have a row on the other side already. */
  paired: number;
}

export interface StepProgress extends BackfillCounts {
  /** Rows of the source, counted beside; of a step that ended before, those it read. Null: not counted yet, or it takes too long. */
  total: number | null;
  /** ISO 8601; null before. */
  startedAt: string | null;
  endedAt: string | null;
}

export interface BackfillProgress {
  startedAt: string;
  /** Of `BackfillInput.steps`. */
  step: number;
  /** Canonical key up to which the step is done; null at its beginning. */
  after: string | null;
  steps: readonly StepProgress[];
  paused: boolean;
}

/** Answer of the query `status`, and the workflow's result; no row values. */
export interface BackfillStatus {
  pipeline: string;
  state: 'running' | 'paused' | 'done';
  dryRun: boolean;
  startedAt: string;
  steps: readonly (BackfillStep & StepProgress)[];
  /** Rows a second of late; null where it cannot be told. */
  rate: number | null;
}

/** Which rows an activity is about. */
export interface BackfillOf {
  pipeline: string;
  step: BackfillStep;
  where: string | null;
}

export interface BackfillActivities {
  countBackfill(input: BackfillOf): Promise<number>;
  /**
   * Canonical keys at which the next pages end, in order; fewer than asked for where the rows end. Throws `unavailable`
   * while the pipeline has too many events open.
   */
  planPages(
    input: BackfillOf &
      Pick<BackfillInput, 'pageRows' | 'mostOpen' | 'mostWaiting'> & { after: string | null; pages: number },
  ): Promise<string[]>;
  /**
   * Brings the rows of one page as they are now, set-based. A row that fails by itself, or whose effects do, goes on in
   * a `syncChange`; where most of a page fails, the page as a whole does. Doing it again changes nothing of what was done.
   */
  copyPage(
    input: BackfillOf & {
      after: string | null;
      until: string;
      /** The same through all runs of one backfill. */
      run: string;
      dryRun: boolean;
      limits: RetryLimits;
    },
  ): Promise<BackfillCounts>;
}
