/** Names that outlive a deployment: running workflows and saved views hold them. A test pins each. */

export const taskQueue = (pipeline: string): string => `tandem/${pipeline}`;

export const workflowTypes = {
  syncChange: 'syncChange',
  syncBatch: 'syncBatch',
  deadLetter: 'deadLetter',
  pause: 'pause',
  housekeeping: 'housekeeping',
  backfill: 'backfill',
  verify: 'verify',
  poll: 'poll',
  job: 'job',
  alert: 'alert',
} as const;

/** Of a batch of events, by the first of them and a hash of all. */
export const batchId = (firstEventId: string, hash: string): string => `batch/${firstEventId}/${hash}`;

export const deadLetterId = (eventId: string): string => `dead-letter/${eventId}`;

/** Id of the pipeline's schedule; its runs carry their time behind it. */
export const housekeepingId = (pipeline: string): string => `housekeeping/${pipeline}`;

/** One at a time for each pipeline. */
export const backfillId = (pipeline: string): string => `backfill/${pipeline}`;

/** One at a time for each pipeline; runs of its schedule carry their time behind it. */
export const verifyId = (pipeline: string): string => `verify/${pipeline}`;

/** One for each side whose log cannot be read. */
export const pollId = (pipeline: string, side: string): string => `poll/${pipeline}/${side}`;

/** What the ids of a pipeline's schedules of jobs begin with. */
export const jobPrefix = (pipeline: string): string => `job/${pipeline}/`;

/** Id of a job's schedule; its runs carry their time behind it. */
export const jobId = (pipeline: string, job: string): string => `${jobPrefix(pipeline)}${job}`;

/** One for each cause, for as long as anything of it is open. */
export const alertId = (pipeline: string, cause: string): string => `alert/${pipeline}/${cause}`;

export const queryNames = { status: 'status', outcome: 'outcome', row: 'row' } as const;
export const updateNames = {
  retry: 'retry',
  discard: 'discard',
  edit: 'edit',
  decide: 'decide',
  look: 'look',
  pause: 'pause',
  resume: 'resume',
} as const;
export const signalNames = {
  failed: 'failed',
  resolved: 'resolved',
  conflict: 'conflict',
  wake: 'wake',
  raised: 'raised',
} as const;

/** Registered as Keyword on the Temporal namespace. */
export const searchAttributes = [
  'TandemPipeline',
  'TandemEntity',
  'TandemOperation',
  'TandemSide',
  'TandemOutcome',
  'TandemErrorClass',
  'TandemErrorSignature',
] as const;

export type SearchAttribute = (typeof searchAttributes)[number];
