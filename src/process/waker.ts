import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import pLimit from 'p-limit';
import type { Streams } from '../activities/deps.ts';
import type { LedgerDatabase } from '../database/engine-database.ts';
import { signalNames } from '../temporal/names.ts';

type Room = Pick<LedgerDatabase, 'takeWoken' | 'takeOverdue' | 'forgetWaiting'>;

export interface WakerOptions {
  client: Pick<Client, 'workflow' | 'withDeadline'>;
  pipeline: string;
  /** The sides' databases: each has a waiting room of its own. */
  databases: readonly Room[];
  streams: Streams;
  /** Whose rows may be awaited: entities, with the side their changes come from. */
  awaited: readonly { entity: string; side: string }[];
  /** `SYNC_WAITING_DEADLINE_SECONDS`, in milliseconds. */
  deadlineMs: number;
  /** Between two looks into a room, milliseconds; default 1000. */
  intervalMs?: number;
}

/** Woken and not yet applied, at most: what is woken faster than workers apply it would only queue up in Temporal. */
const outstanding = 400;
const signalsAtOnce = 20;
const signalMs = 5000;

/** Between two looks for those whose deadline has passed, milliseconds, or less where the deadline is short. */
const overdueEveryMs = 10_000;

/**
 * Wakes the events of a pipeline whose awaited row has changed, one query a second and room whatever the number that waits,
 * and those whose deadline has passed while the awaited stream was live. Several may run: an event is then woken twice,
 * which harms nothing. What fails is made up for at a later look, and an event that nobody wakes looks by itself at last.
 */
export class Waker {
  readonly #options: WakerOptions;

  constructor(options: WakerOptions) {
    this.#options = options;
  }

  /** One look into every room. Never rejects. */
  async look(): Promise<void> {
    const { databases, pipeline } = this.#options;
    await Promise.allSettled(
      databases.map(async (room) => this.#wakeAll(room, await room.takeWoken({ pipeline, outstanding }))),
    );
  }

  /** One look into every room for those whose deadline has passed. Never rejects. */
  async lookForOverdue(): Promise<void> {
    const { databases, awaited } = this.#options;
    for (const { entity, side } of awaited)
      await Promise.allSettled(databases.map((room) => this.#wakeOverdue(room, entity, side)));
  }

  /** Looks again and again until the signal aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    const { intervalMs = 1000, deadlineMs } = this.#options;
    const overdueMs = Math.min(overdueEveryMs, deadlineMs / 10);
    let lookedAt = performance.now();
    while (!signal.aborted) {
      const next = delay(intervalMs, undefined, { signal }).catch(() => {});
      await this.look();
      if (performance.now() - lookedAt >= overdueMs) {
        await this.lookForOverdue();
        lookedAt = performance.now();
      }
      await next;
    }
  }

  /** An event came to the room after its change was committed, so its stream is past that too where it is past its coming. */
  async #wakeOverdue(room: Room, entity: string, side: string): Promise<void> {
    const { pipeline, streams, deadlineMs } = this.#options;
    const isOverdue = async (enteredAt: number) =>
      (await streams.liveMs(entity, side, enteredAt)) >= deadlineMs;
    // Live for too short a time for any.
    if (!(await isOverdue(0))) return;
    const overdue = await room.takeOverdue({ pipeline, entity, side, atMost: outstanding, isOverdue });
    await this.#wakeAll(room, overdue);
  }

  async #wakeAll(room: Room, eventIds: readonly string[]): Promise<void> {
    const limit = pLimit(signalsAtOnce);
    const gone = await Promise.all(eventIds.map((eventId) => limit(() => this.#wake(eventId))));
    await room.forgetWaiting(eventIds.filter((_, index) => gone[index]));
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
