import type { Client, WorkflowExecutionInfo } from '@temporalio/client';

export interface OldestWorkflow {
  workflowId: string;
  runId: string;
  /** Milliseconds since the epoch. */
  started: number;
}

/** Workflows listed at most; more are narrowed down by counting first. */
export const listed = 1000;
const longAgoMs = 366 * 86_400_000;

/**
 * The workflow of a visibility query that was started first; null where there is none. Visibility sorts by no column of
 * ours, so where there are many the time before which only few were started is found by halving: some thirty counts at
 * worst, and one or two where `hint`, the oldest of the last look, is still near.
 */
export async function oldestOpen(
  { workflow }: Pick<Client, 'workflow'>,
  query: string,
  hint: number | null,
  now = Date.now(),
): Promise<OldestWorkflow | null> {
  const startedBefore = (time: number) => `${query} AND StartTime < '${new Date(time).toISOString()}'`;
  let none = now - longAgoMs;
  let many = now + 60_000;
  let window = (await workflow.count(query)).count <= listed ? query : null;
  for (let at = hint === null ? half(none, many) : hint + 1000; window === null; at = half(none, many)) {
    const { count } = await workflow.count(startedBefore(at));
    if (count > 0 && count <= listed) window = startedBefore(at);
    else if (count === 0) none = at;
    else many = at;
    // So many began at one time: any of them is as old as another.
    if (many - none <= 1) window = startedBefore(many);
  }
  return firstOf(workflow.list({ query: window, pageSize: listed }));
}

const half = (from: number, to: number) => Math.floor((from + to) / 2);

async function firstOf(workflows: AsyncIterable<WorkflowExecutionInfo>): Promise<OldestWorkflow | null> {
  let oldest: OldestWorkflow | null = null;
  let left = listed;
  for await (const { workflowId, runId, startTime } of workflows) {
    const started = startTime.getTime();
    if (oldest === null || started < oldest.started) oldest = { workflowId, runId, started };
    if (--left === 0) break;
  }
  return oldest;
}
