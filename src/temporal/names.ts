/** Names that outlive a deployment: running workflows and saved views hold them. A test pins each. */

export const taskQueue = (pipeline: string): string => `tandem/${pipeline}`;

export const workflowTypes = {
  syncChange: 'syncChange',
  deadLetter: 'deadLetter',
  pause: 'pause',
  housekeeping: 'housekeeping',
} as const;

export const deadLetterId = (eventId: string): string => `dead-letter/${eventId}`;

/** Id of the pipeline's schedule; its runs carry their time behind it. */
export const housekeepingId = (pipeline: string): string => `housekeeping/${pipeline}`;

export const queryNames = { status: 'status', outcome: 'outcome' } as const;
export const updateNames = {
  retry: 'retry',
  discard: 'discard',
  decide: 'decide',
  resume: 'resume',
} as const;
export const signalNames = {
  failed: 'failed',
  resolved: 'resolved',
  conflict: 'conflict',
  wake: 'wake',
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
