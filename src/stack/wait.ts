import { setTimeout as pause } from 'node:timers/promises';

export interface Patience {
  readonly limitMs: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Asks until the answer is true. False when the time limit passed first. @throws the signal's reason. */
export async function becomes(
  condition: () => boolean | Promise<boolean>,
  { limitMs, everyMs = 50, signal }: Patience,
): Promise<boolean> {
  const end = Date.now() + limitMs;
  for (;;) {
    signal?.throwIfAborted();
    if (await condition()) return true;
    if (Date.now() >= end) return false;
    await pause(everyMs);
  }
}
