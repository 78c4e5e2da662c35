import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import type { LedgerDatabase } from '../database/engine-database.ts';
import { signalNames } from '../temporal/names.ts';

export interface WakerOptions {
  client: Pick<Client, 'workflow' | 'withDeadline'>;
  pipeline: string;
  /** The sides' databases: each has a waiting room of its own. */
  databases: readonly Pick<LedgerDatabase, 'takeWoken' | 'forgetWaiting'>[];
  /** Between two looks into a room, milliseconds; default 1000. */
  intervalMs?: number;
}

/** Woken and not yet applied, at most: what is woken faster than workers apply it would only queue up in Temporal. */
const outstanding = 400;
const signalsAtOnce = 20;
const signalMs = 5000;

/**
 * Wakes the events of a pipeline whose awaited row has changed: one query a second and room, whatever the number that
 * waits. Several may run: an event is then woken twice, which harms nothing. What fails is made up for at a later look,
 * and an event that nobody wakes looks by itself at its deadline.
 */
export class Waker {
  readonly #options: WakerOptions;

  constructor(options: WakerOptions) {
    this.#options = options;
  }

  /** One look into every room. Never rejects. */
  async look(): Promise<void> {
    await Promise.allSettled(this.#options.databases.map((room) => this.#lookInto(room)));
  }

  /** Looks again and again until the signal aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    const { intervalMs = 1000 } = this.#options;
    while (!signal.aborted) {
      const next = delay(intervalMs, undefined, { signal }).catch(() => {});
      await this.look();
      await next;
    }
  }

  async #lookInto(room: Pick<LedgerDatabase, 'takeWoken' | 'forgetWaiting'>): Promise<void> {
    const woken = await room.takeWoken({ pipeline: this.#options.pipeline, outstanding });
    const limit = pLimit(signalsAtOnce);
    const gone = await Promise.all(woken.map((eventId) => limit(() => this.#wake(eventId))));
    await room.forgetWaiting(woken.filter((_, index) => gone[index]));
  }

  /** True: there is no workflow any more that could be woken. */
  async #wake(eventId: string): Promise<boolean> {
    const { client } = this.#options;
    try {
      await client.withDeadline(Date.now() + signalMs, () =>
        client.workflow.getHandle(eventId).signal(signalNames.wake),
      );
      return false;
    } catch (error) {
      return error instanceof WorkflowNotFoundError;
    }
  }
}
