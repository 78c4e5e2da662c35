import { constants } from 'node:os';

type StopSignal = 'SIGINT' | 'SIGTERM';

/** Ctrl-C or SIGTERM ended a command before it was done; the message says what became of its work. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: StopSignal;

  constructor(signal: StopSignal, message: string) {
    super(message);
    this.signal = signal;
  }

  /** As a shell has it of a process that the signal ended: 130 or 143. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal];
  }
}

/**
 * Runs a task that Ctrl-C and SIGTERM ask to clean up behind itself; then it fails with an `Interrupted`, whatever it throws. A
 * second Ctrl-C ends the process at once.
 */
export async function interruptible<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = (signal: StopSignal): void =>
    stop.abort(new Interrupted(signal, 'interrupted; what was started is stopped again'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    return await task(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted || error instanceof Interrupted) throw error;
    throw Object.assign(stop.signal.reason as Interrupted, { cause: error });
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
