import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  ServiceError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { createLogUpdate } from 'log-update';
import type { BackfillStatus } from '../temporal/backfill.ts';
import { backfillId, queryNames } from '../temporal/names.ts';
import { backfillSummary, backfillTable } from './backfill-view.ts';
import { interruptible } from './interrupt.ts';

const liveMs = 1000;
const plainMs = 10_000;

const answerMs = 10_000;
/** gRPC codes of a query that no worker is there to answer: FAILED_PRECONDITION, and CANCELLED where the server's clock ends it. */
const noWorker: ReadonlySet<number> = new Set([9, 1]);

/** Throws where Temporal knows of none, or no worker answers. */
export async function readBackfill(client: Client, pipeline: string): Promise<BackfillStatus> {
  try {
    return await client.withDeadline(Date.now() + answerMs, () =>
      client.workflow.getHandle(backfillId(pipeline)).query<BackfillStatus>(queryNames.status),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError)
      throw new Error(`no backfill of ${pipeline} is known: 'tandem backfill ${pipeline}' starts one`, {
        cause: error,
      });
    const cause = error instanceof ServiceError ? error.cause : error;
    const away = isGrpcDeadlineError(cause) || (isGrpcServiceError(cause) && noWorker.has(cause.code));
    if (!away) throw error;
    const repair = `'tandem worker ${pipeline}' starts one; the backfill is kept and goes on then`;
    throw new Error(`no worker of ${pipeline} answers: ${repair}`, { cause: error });
  }
}

/**
 * Shows how far a backfill is until its end: in place on a terminal, a line now and then elsewhere. An interrupt ends only
 * the showing. Throws where it was cancelled or failed.
 */
export async function followBackfill(
  client: Client,
  pipeline: string,
  { json }: { json: boolean },
): Promise<void> {
  const handle = client.workflow.getHandle(backfillId(pipeline));
  await readBackfill(client, pipeline);
  const end = handle.result().then(
    () => null,
    (error: unknown) => error,
  );
  const came = await interruptible(async (signal) => {
    const interrupted = once(signal, 'abort').then(() => 'interrupted' as const);
    if (!json) await show(client, pipeline, end, interrupted);
    return Promise.race([end, interrupted]);
  });
  if (came === 'interrupted') {
    process.stdout.write(`the backfill goes on: 'tandem backfill status ${pipeline}' shows it\n`);
    return;
  }
  if (came !== null) throw endOf(pipeline, came);
  const status = await readBackfill(client, pipeline);
  process.stdout.write(`${json ? JSON.stringify(status, null, 2) : backfillTable(status)}\n`);
}

async function show(client: Client, pipeline: string, ...stops: readonly Promise<unknown>[]): Promise<void> {
  const live = process.stdout.isTTY;
  const update = createLogUpdate(process.stdout);
  const stopped = Promise.race(stops).then(() => true);
  for (;;) {
    const status = await readBackfill(client, pipeline);
    const trouble = await troubleOf(client, pipeline);
    const text = [live ? backfillTable(status) : backfillSummary(status), ...trouble].join('\n');
    if (live) update(text);
    else process.stdout.write(`${text}\n`);
    if (await Promise.race([stopped, delay(live ? liveMs : plainMs, false)])) break;
  }
  if (live) update.clear();
}

/** What activities that are tried on fail with. */
async function troubleOf(client: Client, pipeline: string): Promise<string[]> {
  const { raw } = await client.workflow.getHandle(backfillId(pipeline)).describe();
  const failing = raw.pendingActivities?.flatMap(({ lastFailure }) => lastFailure?.message ?? []) ?? [];
  return [...new Set(failing)].map((message) => `tried on: ${message}`);
}

function endOf(pipeline: string, error: unknown): Error {
  const why = error instanceof WorkflowFailedError ? (error.cause?.message ?? error.message) : String(error);
  return new Error(`the backfill of ${pipeline} ended before its time: ${why}`);
}
