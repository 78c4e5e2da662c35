/** What goes on by itself is waited for. */
export const patientRetry = { initialInterval: '500ms', maximumInterval: '10s' } as const;

/** An outage is waited for; any other error goes to the operator who asked, and the dead letter stays as it was. */
export const decisionRetry = {
  ...patientRetry,
  nonRetryableErrorTypes: ['schema', 'waiting_for_row', 'constraint', 'data', 'bug'],
};
