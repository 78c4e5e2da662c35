import type { Client } from '@temporalio/client';
import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { queryNames } from '../temporal/names.ts';

const answerMs = 10_000;
/** gRPC codes of a query that no worker is there to answer: FAILED_PRECONDITION, and CANCELLED where the server's clock ends it. */
const noWorker: ReadonlySet<number> = new Set([9, 1]);

/** A workflow that somebody is told of. */
export interface Asked {
  workflowId: string;
  pipeline: string;
  /** What it is, in a sentence: `the backfill`. */
  what: string;
  /** Said where Temporal knows of none. */
  unknown: string;
}

/** Asks a workflow for its status. Throws where Temporal knows of none, or no worker answers. */
export async function askStatus<S>(
  client: Client,
  { workflowId, pipeline, what, unknown }: Asked,
): Promise<S> {
  try {
    return await client.withDeadline(Date.now() + answerMs, () =>
      client.workflow.getHandle(workflowId).query<S>(queryNames.status),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new Error(unknown, { cause: error });
    if (!isUnanswered(error)) throw error;
    const repair = `'tandem worker ${pipeline}' starts one; ${what} is kept and goes on then`;
    throw new Error(`no worker of ${pipeline} answers: ${repair}`, { cause: error });
  }
}

/** Whether a query failed because no worker was there to answer it. */
export function isUnanswered(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcDeadlineError(cause) || (isGrpcServiceError(cause) && noWorker.has(cause.code));
}
