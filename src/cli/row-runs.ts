import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowExecutionInfo, WorkflowHandle } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import pLimit from 'p-limit';
import type { ApplyResult } from '../change/outcome.ts';
import type { DeadLetterInput, DeadLetterStatus, SyncInput, SyncStatus } from '../temporal/messages.ts';
import { deadLetterId, queryNames, workflowTypes } from '../temporal/names.ts';
import { subjectFacts } from '../temporal/subject.ts';
import { quoted } from '../temporal/dead-letter-filter.ts';
import { eventIdOf } from './dead-letters.ts';
import { failedTries } from './failed-tries.ts';
import type { Unreadable } from './unreadable.ts';

interface RunTimes {
  eventId: string;
  workflowId: string;
  status: string;
  startedAt: string;
  closedAt: string | null;
}

/** A run of an event's own workflow. */
export interface EventRun extends RunTimes {
  source: string;
  operation: string | null;
  /** Null unless it completed. */
  result: ApplyResult | null;
  failedTries: number;
  /** Of one that runs; null where no worker answers. */
  now: SyncStatus | null;
}

/** A run of an event's dead letter, or of a conflict's. */
export interface DeadLetterRun extends RunTimes {
  input: DeadLetterInput;
  /** Null where no worker answers, or it ended otherwise than by a decision. */
  known: DeadLetterStatus | null;
}

/** What Temporal still has of some events. */
export interface EventRuns {
  events: readonly EventRun[];
  deadLetters: readonly DeadLetterRun[];
}

const idsPerQuery = 50;
const atOnce = 20;
const answerMs = 10_000;
const notFound = 5;

/** Every run of the events' workflows and dead letters. Visibility may run a second behind. */
export async function runsOf(
  client: Client,
  eventIds: readonly string[],
  unreadable: Unreadable,
): Promise<EventRuns> {
  const limit = pLimit(atOnce);
  const found: Promise<EventRun | DeadLetterRun | null>[] = [];
  for (let from = 0; from < eventIds.length; from += idsPerQuery) {
    const ids = eventIds.slice(from, from + idsPerQuery).flatMap((id) => [id, deadLetterId(id)]);
    const query = `WorkflowId IN (${ids.map(quoted).join(', ')})`;
    for await (const run of client.workflow.list({ query }))
      if (run.status.name !== 'CONTINUED_AS_NEW')
        found.push(limit(() => unreadable.unless(run.workflowId, unlessForgotten(readRun(client, run)))));
  }
  const runs = (await Promise.all(found)).filter((run) => run !== null);
  return {
    events: runs.filter((run) => 'failedTries' in run),
    deadLetters: runs.filter((run) => 'input' in run),
  };
}

async function readRun(client: Client, run: WorkflowExecutionInfo): Promise<EventRun | DeadLetterRun> {
  const { workflowId, runId, status, startTime, closeTime } = run;
  const handle = client.workflow.getHandle(workflowId, runId);
  const history = await handle.fetchHistory();
  const argument = async (payloads: Payload[] | null | undefined) =>
    (await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads))[0];
  const input = await argument(history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads);
  const result = await argument(
    history.events?.at(-1)?.workflowExecutionCompletedEventAttributes?.result?.payloads,
  );
  const now = <Status>() => (status.name === 'RUNNING' ? ask<Status>(client, handle) : null);
  const times: RunTimes = {
    eventId: eventIdOf(workflowId),
    workflowId,
    status: status.name.toLowerCase(),
    startedAt: startTime.toISOString(),
    closedAt: closeTime?.toISOString() ?? null,
  };
  if (run.type === workflowTypes.deadLetter)
    return {
      ...times,
      input: input as DeadLetterInput,
      known: (result as DeadLetterStatus | undefined) ?? (await now<DeadLetterStatus>()),
    };
  const { source, operation } = subjectFacts((input as SyncInput).subject);
  return {
    ...times,
    source,
    operation,
    result: (result as ApplyResult | undefined) ?? null,
    failedTries: failedTries(history) + (status.name === 'RUNNING' ? await pendingFailures(handle) : 0),
    now: await now<SyncStatus>(),
  };
}

const ask = <Status>(client: Client, handle: WorkflowHandle): Promise<Status | null> =>
  client.connection
    .withDeadline(Date.now() + answerMs, () => handle.query<Status>(queryNames.status))
    .catch(() => null);

/** Failed tries of an activity that goes on: its history does not have them before it ends. */
async function pendingFailures(handle: WorkflowHandle): Promise<number> {
  const { raw } = await handle.describe();
  return (raw.pendingActivities ?? []).reduce((sum, { attempt }) => sum + Math.max(0, (attempt ?? 1) - 1), 0);
}

/** Null where Temporal has forgotten the run since it was listed. */
async function unlessForgotten<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    if (isGrpcServiceError(error) && (error.code as number) === notFound) return null;
    throw error;
  }
}
