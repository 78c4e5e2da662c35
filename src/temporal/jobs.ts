/** Input of `job`: one run of a job of a pipeline. */
export interface JobInput {
  pipeline: string;
  job: string;
  /** Where an earlier run left off when its history had grown; absent at the start. */
  progress?: JobProgress;
}

export interface JobProgress {
  /** Where the next page begins, which may hold a row's key; null at the first. */
  cursor: string | null;
  /** Pages that are done. */
  pages: number;
  /** What they did, added up. */
  counts: Readonly<Record<string, number>>;
  /** How far it is, from 0 to 1; null where the job does not tell. */
  fraction: number | null;
  /** ISO 8601. */
  startedAt: string;
}

/** Answer of the query `status`, the workflow's result, and what the failure of one that failed carries as its detail. */
export interface JobStatus extends JobProgress {
  pipeline: string;
  job: string;
  state: 'running' | 'done' | 'failed';
  /** Pages a second of late; null where it cannot be told. */
  rate: number | null;
}

/** What one page did. */
export interface JobPageDone {
  /** Null at the end. */
  next: string | null;
  counts: Readonly<Record<string, number>>;
  fraction: number | null;
}

export interface JobActivities {
  /**
   * Does one page of a job, from `next` of the page before or, null, from the beginning. Throws `unavailable` while an operator
   * has paused the pipeline, `bug` where the pipeline has no such job or the page says nothing that can be understood.
   */
  runJobPage(input: { pipeline: string; job: string; cursor: string | null }): Promise<JobPageDone>;
}
