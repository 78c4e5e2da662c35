import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { inPlace } from './in-place.ts';
import { interruptible } from './interrupt.ts';
import type { Interrupted } from './interrupt.ts';

const liveMs = 1000;
const plainMs = 10_000;

/** How a status is shown: in place on a terminal, a line now and then elsewhere. */
export interface StatusView<S> {
  read: () => Promise<S>;
  table: (status: S) => string;
  line: (status: S) => string;
}

/** What following came to. */
export type Followed<R> =
  { end: 'interrupted'; by: Interrupted } | { end: 'done'; result: R } | { end: 'failed'; error: unknown };

/**
 * Shows how far a workflow is until its end; without a view it only waits. An interrupt ends the showing, and leaves the
 * workflow. Throws what `read` throws.
 */
export async function followWorkflow<S, R>(
  handle: Pick<WorkflowHandle, 'describe'> & { result(): Promise<R> },
  view: StatusView<S> | null,
): Promise<Followed<R>> {
  const ended = handle.result().then(
    (result) => ({ end: 'done', result }) as const,
    (error: unknown) => ({ end: 'failed', error }) as const,
  );
  return interruptible(async (signal) => {
    const interrupted = once(signal, 'abort').then(
      () => ({ end: 'interrupted', by: signal.reason as Interrupted }) as const,
    );
    const stopped = Promise.race([ended, interrupted]);
    if (view) await show(handle, view, stopped);
    return stopped;
  });
}

async function show<S>(
  handle: Pick<WorkflowHandle, 'describe'>,
  { read, table, line }: StatusView<S>,
  stopped: Promise<unknown>,
): Promise<void> {
  const live = process.stdout.isTTY;
  const update = inPlace(process.stdout);
  const ended = stopped.then(() => true);
  for (;;) {
    const status = await read();
    const text = [live ? table(status) : line(status), ...(await troubleOf(handle))].join('\n');
    if (live) update(text);
    else process.stdout.write(`${text}\n`);
    // The end is not to be waited out: a command that has told it is over.
    if (await Promise.race([ended, delay(live ? liveMs : plainMs, false, { ref: false })])) break;
  }
  if (live) update.clear();
}

/** What activities that are tried on fail with. */
async function troubleOf(handle: Pick<WorkflowHandle, 'describe'>): Promise<string[]> {
  const { raw } = await handle.describe();
  const failing = raw.pendingActivities?.flatMap(({ lastFailure }) => lastFailure?.message ?? []) ?? [];
  return [...new Set(failing)].map((message) => `tried on: ${message}`);
}
