import { setTimeout as delay } from 'node:timers/promises';

/** Waits until the check neither throws nor answers false or null; throws its last error, or says what was waited for. */
export async function eventually<T>(
  what: string,
  check: () => T | false | null | undefined | Promise<T | false | null | undefined>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      const seen = await check();
      if (seen !== false && seen !== null && seen !== undefined) return seen;
      if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await delay(50);
  }
}
