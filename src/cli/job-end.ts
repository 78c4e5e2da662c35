import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { JobStatus } from '../temporal/jobs.ts';

/** What a run that did not come to its end had done, where it tells, and why it ended. Throws on what is no end of a run. */
export function readEnd(error: unknown): { status: JobStatus | null; why: string } {
  if (!(error instanceof WorkflowFailedError)) throw error;
  const { cause = error } = error;
  if (!(cause instanceof ApplicationFailure))
    return { status: null, why: `ended before its time: ${cause.message}` };
  const status = (cause.details?.[0] as JobStatus | undefined) ?? null;
  return { status, why: `failed: ${cause.message} (${cause.type ?? 'no class'})` };
}
