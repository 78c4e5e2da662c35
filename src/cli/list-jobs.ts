import type { Client, ScheduleDescription } from '@temporalio/client';
import { ScheduleNotFoundError, WorkflowNotFoundError } from '@temporalio/client';
import type { JobDefinition } from '../pipeline/jobs.ts';
import type { JobStatus } from '../temporal/jobs.ts';
import { jobId, queryNames } from '../temporal/names.ts';
import { isUnanswered } from './ask-status.ts';
import { readEnd } from './job-end.ts';

const workerAnswerMs = 3000;

/** A run that has ended. */
export interface EndedRun {
  workflowId: string;
  /** ISO 8601. */
  startedAt: string;
  /** Null where Temporal has forgotten the run, as it does after the namespace's retention. */
  endedAt: string | null;
  /** As Temporal names it: `completed`, `failed`, `terminated`; null where it has forgotten the run. */
  result: string | null;
  /** Null where it completed, or is forgotten. */
  why: string | null;
  /** What it did; null where nobody can tell. */
  status: JobStatus | null;
}

export interface ListedJob {
  pipeline: string;
  job: string;
  description: string;
  everyMs: number;
  /** False: no worker has started with it yet. */
  scheduled: boolean;
  /** Why it is paused; null: it is not. */
  paused: string | null;
  /** ISO 8601; null where it is paused or not scheduled. */
  next: string | null;
  last: EndedRun | null;
  /** The run under way; `status` is null while no worker answers. */
  running: { workflowId: string; startedAt: string; status: JobStatus | null } | null;
}

type Run = { running: NonNullable<ListedJob['running']> } | { ended: EndedRun };

/** What is known of a job's runs; the run under way is asked for its status, and a worker has `answerMs` to tell it. */
export async function listJob(
  client: Client,
  pipeline: string,
  { name, description, everyMs }: JobDefinition,
  answerMs = workerAnswerMs,
): Promise<ListedJob> {
  const schedule = await findSchedule(client, jobId(pipeline, name));
  const recent = schedule?.info.recentActions.slice(-2).toReversed() ?? [];
  const runs = await Promise.all(
    recent.map(({ action, takenAt }) => lookAtRun(client, action.workflow.workflowId, takenAt, answerMs)),
  );
  const paused = schedule?.state.paused ? (schedule.state.note ?? '') : null;
  return {
    pipeline,
    job: name,
    description,
    everyMs,
    scheduled: schedule !== null,
    paused,
    next: paused === null ? (schedule?.info.nextActionTimes[0]?.toISOString() ?? null) : null,
    last: runs.flatMap((run) => ('ended' in run ? run.ended : []))[0] ?? null,
    running: runs.flatMap((run) => ('running' in run ? run.running : []))[0] ?? null,
  };
}

async function findSchedule(client: Client, id: string): Promise<ScheduleDescription | null> {
  try {
    return await client.schedule.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

async function lookAtRun(client: Client, workflowId: string, takenAt: Date, answerMs: number): Promise<Run> {
  const handle = client.workflow.getHandle<() => Promise<JobStatus>>(workflowId);
  const run = { workflowId, startedAt: takenAt.toISOString() };
  try {
    const { status, closeTime } = await handle.describe();
    if (status.name === 'RUNNING')
      return { running: { ...run, status: await askRunning(client, workflowId, answerMs) } };
    const ended = { ...run, endedAt: closeTime?.toISOString() ?? null, result: status.name.toLowerCase() };
    const end = await handle.result().then((result) => ({ status: result, why: null }), readEnd);
    return { ended: { ...ended, ...end } };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    return { ended: { ...run, endedAt: null, result: null, why: null, status: null } };
  }
}

async function askRunning(client: Client, workflowId: string, answerMs: number): Promise<JobStatus | null> {
  try {
    return await client.withDeadline(Date.now() + answerMs, () =>
      client.workflow.getHandle(workflowId).query<JobStatus>(queryNames.status),
    );
  } catch (error) {
    if (isUnanswered(error)) return null;
    throw error;
  }
}
