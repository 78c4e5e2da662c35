/** Names that outlive a deployment: running workflows and saved views hold them. A test pins each. */

export const taskQueue = (pipeline: string): string => `tandem/${pipeline}`;

export const workflowTypes = {
  syncChange: 'syncChange',
  deadLetter: 'deadLetter',
  pause: 'pause',
} as const;

export const deadLetterId = (eventId: string): string => `dead-letter/${eventId}`;

export const queryNames = { status: 'status', outcome: 'outcome' } as const;
export const updateNames = { retry: 'retry', discard: 'discard', resume: 'resume' } as const;
export const signalNames = { failed: 'failed', resolved: 'resolved' } as const;

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
