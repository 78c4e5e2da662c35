/** One try of a regular activity, milliseconds. Drivers give up sooner; past this the worker is taken for lost. */
export const tryTimeout = 60_000;

/** One try on the fast path, milliseconds. */
export const localTryTimeout = 30_000;

/**
 * Times of one try of a regular activity, milliseconds. All of them beat: a worker that is lost, or was handed the activity in
 * the moment it shut down, is noticed after the silence.
 */
export const oneTry = { startToCloseTimeout: tryTimeout, heartbeatTimeout: 15_000 };
