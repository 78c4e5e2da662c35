/**
 * Runs a task that Ctrl-C and SIGTERM ask to clean up behind itself. A second Ctrl-C ends the process at once.
 */
export async function interruptible<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new Error('interrupted; what was started is stopped again'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    return await task(stop.signal);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
