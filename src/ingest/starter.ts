import { createHash } from 'node:crypto';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
} from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import pRetry from 'p-retry';
import type { ChangeEvent } from '../change/event.ts';
import type { BatchInput } from '../temporal/batch.ts';
import type { DeadLetterInput, SyncInput } from '../temporal/messages.ts';
import { workflowTypes } from '../temporal/names.ts';
import { batchStartOptions } from '../temporal/start-batch.ts';
import { deadLetterStartOptions } from '../temporal/start-dead-letter.ts';
import { syncStartOptions } from '../temporal/start-sync.ts';
import { grpcStatus } from './grpc-status.ts';

export interface StarterOptions {
  client: Client;
  /** True where a worker of the same queue shares this process and the client's native connection: saves a round trip. */
  eager: boolean;
  /** Temporal did not take a start, which is tried again. */
  onDelayed: (workflowId: string, attempt: number, code: string) => void;
}

/** `repeated`: Temporal told that the event had completed before. A workflow that still runs is joined and counts as `held`. */
export type Started = 'held' | 'repeated';

/** Milliseconds one call may take; the client repeats a failing one by itself, some ten times. */
const callMs = 5000;

/**
 * Hands events to Temporal. Every promise resolves only once Temporal holds the workflow durably, trying without limit;
 * it rejects only with the signal's reason. Whatever Temporal answers but "already started" is waited out, as no answer
 * of a server says that an event may be dropped. A try that is under way when the signal aborts is still awaited.
 */
export class Starter {
  readonly #options: StarterOptions;

  constructor(options: StarterOptions) {
    this.#options = options;
  }

  /**
   * Starts `syncChange` under the event's id. `again`: also where it has completed before, for a target that may have
   * lost what it did; the ledger knows whether it has.
   */
  sync(input: SyncInput, target: string, signal: AbortSignal, again = false): Promise<Started> {
    const options = {
      ...syncStartOptions(input, target),
      ...(again && { workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE }),
    };
    const { client, eager } = this.#options;
    return this.#hold(options.workflowId, signal, () =>
      client.workflow.start(workflowTypes.syncChange, { ...options, requestEagerStart: eager }),
    );
  }

  /** Starts `syncBatch` and returns its id; the same batch that runs already is joined. */
  async batch(
    input: BatchInput,
    events: readonly ChangeEvent[],
    target: string,
    signal: AbortSignal,
  ): Promise<{ started: Started; workflowId: string }> {
    const ids = events.map(({ event_id: id }) => id).join();
    const hash = createHash('sha256').update(ids).digest('hex').slice(0, 16);
    const options = batchStartOptions(input, events, target, hash);
    const { client, eager } = this.#options;
    const { workflowId } = options;
    const started = await this.#hold(workflowId, signal, () =>
      client.workflow.start(workflowTypes.syncBatch, { ...options, requestEagerStart: eager }),
    );
    return { started, workflowId };
  }

  /** Resolves once a workflow has ended, in whatever way, or the signal has aborted. Never rejects. */
  async ended(workflowId: string, signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    const over = async () => {
      try {
        await client.withAbortSignal(signal, () => client.workflow.getHandle(workflowId).result());
      } catch (error) {
        if (!(error instanceof WorkflowFailedError || error instanceof WorkflowNotFoundError)) throw error;
      }
    };
    await pRetry(over, { retries: Infinity, minTimeout: 500, maxTimeout: 5000, signal }).catch(() => {});
  }

  /**
   * Opens a dead letter. One that is open or decided stays as it is, since a redelivered record brings nothing new;
   * that is why this starts and does not signal.
   */
  deadLetter(input: DeadLetterInput, signal: AbortSignal): Promise<Started> {
    const { signal: _name, signalArgs: _args, ...options } = deadLetterStartOptions(input);
    return this.#hold(options.workflowId, signal, () =>
      this.#options.client.workflow.start(workflowTypes.deadLetter, {
        ...options,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      }),
    );
  }

  async #hold(workflowId: string, signal: AbortSignal, start: () => Promise<unknown>): Promise<Started> {
    const { client, onDelayed } = this.#options;
    let started: Started | null = null;
    const attempt = async () => {
      try {
        await client.connection.withDeadline(Date.now() + callMs, start);
        started = 'held';
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw new NotHeld(error);
        started = 'repeated';
      }
    };
    try {
      await pRetry(attempt, {
        retries: Infinity,
        minTimeout: 100,
        maxTimeout: 5000,
        randomize: true,
        signal,
        onFailedAttempt: ({ error, attemptNumber }) => {
          if (error instanceof NotHeld) onDelayed(workflowId, attemptNumber, error.code);
        },
      });
    } catch (error) {
      if (started === null) throw error;
    }
    return started ?? 'held';
  }
}

/** Wraps whatever a try threw, as p-retry would give up at a TypeError. */
class NotHeld extends Error {
  readonly code: string;

  constructor(cause: unknown) {
    super('Temporal did not take the start', { cause });
    this.code = grpcStatus(cause);
  }
}
