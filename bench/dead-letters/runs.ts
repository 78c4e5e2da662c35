import type { Client } from '@temporalio/client';
import type { DeadLetterStatus } from '../../src/temporal/messages.ts';
import { deadLetterId, workflowTypes } from '../../src/temporal/names.ts';

/** What became of retries, as Temporal tells it. */
export interface RetryRuns {
  /** Events that were retried. */
  events: number;
  /** Runs of `syncChange` since then; more than events: some ran twice. */
  runs: number;
  /** Runs by outcome; `none` did not complete. */
  outcomes: Record<string, number>;
  /** Dead letters by the number of retries they count. */
  retries: Record<number, number>;
  /** When each run started, milliseconds, in order. */
  startedAt: number[];
}

/** The query of all `syncChange` that started since then. */
export const runsSince = (since: Date): string =>
  `WorkflowType = '${workflowTypes.syncChange}' AND StartTime > '${since.toISOString()}'`;

/** Of all `syncChange` that started since then. Visibility may run a second behind. Waits for the dead letters of these to be closed. */
export async function retryRuns(client: Client, since: Date): Promise<RetryRuns> {
  const events = new Set<string>();
  const startedAt: number[] = [];
  const outcomes: Record<string, number> = {};
  const retries: Record<number, number> = {};
  for await (const { workflowId, startTime, typedSearchAttributes } of client.workflow.list({
    query: runsSince(since),
  })) {
    const outcome = typedSearchAttributes.get({ name: 'TandemOutcome', type: 'KEYWORD' }) ?? 'none';
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    events.add(workflowId);
    startedAt.push(startTime.getTime());
  }
  for (const id of events) {
    const handle = client.workflow.getHandle<() => Promise<DeadLetterStatus>>(deadLetterId(id));
    const { retries: count } = await handle.result();
    retries[count] = (retries[count] ?? 0) + 1;
  }
  startedAt.sort((a, b) => a - b);
  return { events: events.size, runs: startedAt.length, outcomes, retries, startedAt };
}
