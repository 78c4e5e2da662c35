/** One try of a regular activity, milliseconds. Drivers give up sooner; past this the worker is taken for lost. */
export const tryTimeout = 60_000;

/** One try on the fast path, milliseconds. */
export const localTryTimeout = 30_000;

/** Silence of an activity that works on many rows, milliseconds, after which its worker is taken for lost. */
export const silenceTimeout = 15_000;
