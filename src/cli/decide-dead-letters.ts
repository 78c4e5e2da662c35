import { setTimeout as delay } from 'node:timers/promises';
import {
  isGrpcDeadlineError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import pLimit from 'p-limit';
import { notOpen } from '../temporal/edit.ts';
import type { Edit, RetryRequest } from '../temporal/edit.ts';
import type { DeadLetterStatus } from '../temporal/messages.ts';
import { deadLetterId, queryNames, updateNames } from '../temporal/names.ts';
import { found } from './dead-letters.ts';
import { rereadClosed } from './reread-closed.ts';

export interface Decided {
  event_id: string;
  /** Null when the decision was not carried out; `error` or `skipped` says why. */
  state: DeadLetterStatus['state'] | null;
  outcome: DeadLetterStatus['outcome'];
  /** Also what a retry failed with again while it was looked after. */
  error: string | null;
  /** Why it was left alone: somebody decided already, or a retry runs. */
  skipped: string | null;
}

export type Decision =
  | ({ kind: 'retry' } & RetryRequest)
  | ({ kind: 'edit' } & Edit)
  | { kind: 'discard'; reason: string }
  | { kind: 'take'; side: string };

const decisionMs = 60_000;
const perSecond = 20;
const retriesMs = 5000;
const lookEveryMs = 250;

/**
 * Carries a decision out on each, at most 20 a second; one that is refused does not stop the others. A retry is looked
 * after for up to five seconds, so that one that fails again at once is told of. `progress` hears how many are done.
 */
export async function decideDeadLetters(
  client: Client,
  eventIds: readonly string[],
  decision: Decision,
  progress: (done: number) => void = () => {},
): Promise<Decided[]> {
  const limit = pLimit(perSecond);
  const began = Date.now();
  let done = 0;
  const decided = await Promise.all(
    [...new Set(eventIds)].map((eventId, index) =>
      limit(async () => {
        await delay(Math.max(0, began + (index * 1000) / perSecond - Date.now()));
        const one = await decideOne(client, eventId, decision);
        progress(++done);
        return one;
      }),
    ),
  );
  const until = Date.now() + retriesMs;
  return Promise.all(decided.map((each) => limit(() => lookedAfter(client, each, until))));
}

async function decideOne(client: Client, eventId: string, decision: Decision): Promise<Decided> {
  const undone = { event_id: eventId, state: null, outcome: null, error: null, skipped: null };
  try {
    const { state, outcome } = await found(eventId, () => decide(client, eventId, decision));
    return { ...undone, state, outcome };
  } catch (error) {
    const closed = error instanceof Error && error.cause instanceof WorkflowNotFoundError;
    if (closed && decision.kind === 'retry' && decision.reread && !decision.onlyOpen)
      return readAnew(client, eventId);
    const left = isNotOpen(error) || (closed && decision.kind === 'retry' && decision.onlyOpen);
    return { ...undone, [left ? 'skipped' : 'error']: reasonOf(error) };
  }
}

/** Of a closed dead letter, whose event came too late for what the target has. */
async function readAnew(client: Client, eventId: string): Promise<Decided> {
  const undone = { event_id: eventId, state: null, outcome: null, error: null, skipped: null };
  try {
    const reread = await rereadClosed(client, eventId);
    const ended = await Promise.race([reread.result, delay(retriesMs, null, { ref: false })]);
    if (ended === null) return { ...undone, event_id: reread.eventId, state: 'retrying' };
    return { ...undone, event_id: reread.eventId, state: 'resolved', outcome: ended.outcome };
  } catch (error) {
    return { ...undone, error: reasonOf(error) };
  }
}

function decide(client: Client, eventId: string, decision: Decision): Promise<DeadLetterStatus> {
  const handle = client.workflow.getHandle(deadLetterId(eventId));
  const by = client.options.identity;
  const update = (name: string, ...args: [RetryRequest | Edit | string, ...string[]]) =>
    handle.executeUpdate<DeadLetterStatus, typeof args>(name, { args });
  return client.connection.withDeadline(Date.now() + decisionMs, () => {
    switch (decision.kind) {
      case 'retry': {
        const { kind: _, ...request } = decision;
        return update(updateNames.retry, { ...request, by });
      }
      case 'edit': {
        const { kind: _, ...edit } = decision;
        return update(updateNames.edit, { ...edit, by });
      }
      case 'discard':
        return update(updateNames.discard, decision.reason, by);
      case 'take':
        return update(updateNames.decide, decision.side, by);
    }
  });
}

/** A retry that came to an end by then, with it. Where nobody answers it counts as under way. */
async function lookedAfter(client: Client, decided: Decided, until: number): Promise<Decided> {
  if (decided.state !== 'retrying') return decided;
  const handle = client.workflow.getHandle(deadLetterId(decided.event_id));
  do {
    const status = await client.connection
      .withDeadline(until, () => handle.query<DeadLetterStatus>(queryNames.status))
      .catch(() => null);
    if (status === null) return decided;
    const { state, outcome, failure } = status;
    if (state === 'open') return { ...decided, state, error: `failed again: ${failure.message}` };
    if (state !== 'retrying') return { ...decided, state, outcome };
    await delay(lookEveryMs);
  } while (Date.now() < until);
  return decided;
}

const isNotOpen = (error: unknown): boolean =>
  error instanceof WorkflowUpdateFailedError &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === notOpen;

function reasonOf(error: unknown): string {
  if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowFailedError)
    return error.cause?.message ?? error.message;
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error))
    return `not carried out within ${decisionMs / 1000} s: is a worker of its pipeline running, and the target up?`;
  return error instanceof Error ? error.message : String(error);
}
