import type { Client } from '@temporalio/client';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import type { CompiledPipeline } from '../pipeline/route.ts';
import { workflowTypes } from '../temporal/names.ts';
import { pollStartOptions } from '../temporal/start-poll.ts';

/** Sees to it that a `poll` runs for each side whose log cannot be read. Waits for Temporal. */
export async function startPolls(
  client: Client,
  pipeline: CompiledPipeline,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  for (const { name: side } of [...pipeline.sides.values()].filter(({ polling }) => polling !== null))
    await pRetry(
      () => client.workflow.start(workflowTypes.poll, pollStartOptions({ pipeline: pipeline.name, side })),
      {
        retries: Infinity,
        minTimeout: 500,
        maxTimeout: 5000,
        signal,
        onFailedAttempt: ({ error }) =>
          log.warn(
            { pipeline: pipeline.name, side, error: error.message },
            'Temporal does not take the poll yet',
          ),
      },
    );
}
