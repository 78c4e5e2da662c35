import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { EachBatchPayload } from 'kafkajs';
import type { LimitFunction } from 'p-limit';
import { NotTaken } from '../change-feed.ts';
import type { RecordHandler } from '../change-feed.ts';
import { FinishedPrefix } from '../finished-prefix.ts';
import { HandlerDefect } from '../handler-defect.ts';
import { feedRecord } from './feed-record.ts';

export interface BatchOptions {
  handler: RecordHandler;
  /** Bounds the handlers under way over all partitions. */
  limit: LimitFunction;
  /** Aborted: nothing new begins, and handlers give up what they are not already doing. */
  signal: AbortSignal;
  /** True: nothing new begins; what is left of the batch is delivered again later. */
  halted: () => boolean;
  /** Milliseconds between heartbeats and commits while handlers are under way. */
  tickMs: number;
  onProgress: () => void;
}

/**
 * Runs the handler over a batch and resolves its finished prefix, all the while and at the end. What is not finished is
 * fetched again. Rejects only with kafkajs' own errors (a rebalance seen by a heartbeat), which kafkajs must see, and
 * with `HandlerDefect`; in both cases after every handler has settled, so that no handler
 * outlives the partition's ownership.
 */
export async function processBatch(payload: EachBatchPayload, options: BatchOptions): Promise<void> {
  const { batch } = payload;
  const prefix = new FinishedPrefix(batch.messages.map((message) => message.offset));
  const lost = new AbortController();
  const signal = AbortSignal.any([options.signal, lost.signal]);
  // Whatever a handler waits for listens to it, and there are many handlers.
  setMaxListeners(0, signal);
  const defects: unknown[] = [];
  const halted = () =>
    signal.aborted || defects.length > 0 || options.halted() || !payload.isRunning() || payload.isStale();

  const resolveFinished = () => {
    const offset = prefix.take();
    if (offset === null || payload.isStale()) return;
    payload.resolveOffset(offset);
    options.onProgress();
  };
  const handlers = batch.messages.map((message, index) =>
    options.limit(async () => {
      if (halted()) return;
      try {
        await options.handler(feedRecord(batch, message), signal);
        prefix.finish(index);
      } catch (error) {
        if (!signal.aborted && !(error instanceof NotTaken)) defects.push(error);
      }
    }),
  );
  const settled = Promise.all(handlers).then(() => true as const);

  try {
    while (!(await settledWithin(settled, options.tickMs))) {
      resolveFinished();
      await payload.heartbeat();
      await payload.commitOffsetsIfNecessary();
    }
  } catch (error) {
    lost.abort(error);
    throw error;
  } finally {
    await settled;
    resolveFinished();
  }
  if (defects.length > 0) throw new HandlerDefect(defects[0]);
}

async function settledWithin(settled: Promise<true>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  try {
    return await Promise.race([settled, delay(ms, false, { signal: timer.signal }).catch(() => false)]);
  } finally {
    timer.abort();
  }
}
