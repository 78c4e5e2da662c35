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

/** How decisions on many are carried out. */
export interface Pace {
  /** At most so many are begun a second. */
  perSecond?: number | undefined;
  /** Once aborted no further one is begun; those that are under way come to their end. */
  signal?: AbortSignal;
  /** Hears how many are carried out. */
  progress?: (done: number) => void;
}

export const defaultPerSecond = 20;
const decisionMs = 60_000;
/** Decisions that Temporal has not answered yet, at most. */
const atOnce = 50;
/** When a retry is looked at, milliseconds after it began. */
const looksMs = [250, 1000, 5000];

/**
 * Carries a decision out on each, all of them different; one that is refused does not stop the others. A retry is looked
 * after for up to five seconds, so that one that fails again at once is told of. Those that were not begun are not in what
 * is returned.
 */
export async function decideDeadLetters(
  client: Client,
  eventIds: readonly string[],
  decision: Decision,
  { perSecond = defaultPerSecond, signal, progress = () => {} }: Pace = {},
): Promise<Decided[]> {
  const limit = pLimit(atOnce);
  const began = Date.now();
  let done = 0;
  const begin = async (eventId: string, index: number): Promise<Decided | null> => {
    const turn = began + (index * 1000) / perSecond;
    await delay(Math.max(0, turn - Date.now()), undefined, { signal }).catch(() => {});
    if (signal?.aborted) return null;
    const one = await decideOne(client, eventId, decision);
    progress(++done);
    return one;
  };
  const decided = await Promise.all(
    eventIds.map(async (eventId, index) => {
      const one = await limit(begin, eventId, index);
      return one && lookedAfter(client, one);
    }),
  );
  return decided.filter((one) => one !== null);
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
  const over = new AbortController();
  try {
    const reread = await client.connection.withAbortSignal(over.signal, () => rereadClosed(client, eventId));
    const ended = await Promise.race([reread.result, delay(looksMs.at(-1), null, { ref: false })]);
    if (ended === null) return { ...undone, event_id: reread.eventId, state: 'retrying' };
    return { ...undone, event_id: reread.eventId, state: 'resolved', outcome: ended.outcome };
  } catch (error) {
    return { ...undone, error: reasonOf(error) };
  } finally {
    over.abort();
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

/** A retry with its end, where it comes to one while it is looked after. Where nobody answers it counts as under way. */
async function lookedAfter(client: Client, decided: Decided): Promise<Decided> {
  if (decided.state !== 'retrying') return decided;
  const began = Date.now();
  const handle = client.workflow.getHandle<() => Promise<DeadLetterStatus>>(deadLetterId(decided.event_id));
  const over = new AbortController();
  // Asks no worker: of many retries most end before they are looked at. Left waiting it would keep the process.
  const closed = client.connection.withAbortSignal(over.signal, () => handle.result()).catch(() => null);
  const ask = () =>
    client.connection
      .withDeadline(Date.now() + looksMs.at(-1)!, () => handle.query<DeadLetterStatus>(queryNames.status))
      .catch(() => null);
  try {
    for (const ms of looksMs) {
      const look = delay(began + ms - Date.now(), null, over).catch(() => null);
      const status = (await Promise.race([closed, look])) ?? (await ask());
      if (status === null) break;
      const { state, outcome, failure } = status;
      if (state === 'open') return { ...decided, state, error: `failed again: ${failure.message}` };
      if (state !== 'retrying') return { ...decided, state, outcome };
    }
    return decided;
  } finally {
    over.abort();
  }
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
