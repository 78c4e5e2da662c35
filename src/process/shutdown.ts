import { setMaxListeners } from 'node:events';

/** What a worker has under way at a shutdown may finish for so long; then the ledger makes a second run harmless. */
export const shutdownGraceTime = '10s';
export const shutdownForceTime = '25s';

/** What has to be closed at the end, in the reverse order of its opening. */
export class Shutdown {
  readonly #steps: (() => unknown)[] = [];
  readonly #begun = new AbortController();
  #running: Promise<void> | null = null;

  constructor() {
    // Everything that watches listens, and pipelines multiply it: many listeners are no leak here.
    setMaxListeners(0, this.signal);
  }

  /** Aborts as the shutdown begins. */
  get signal(): AbortSignal {
    return this.#begun.signal;
  }

  afterwards(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** Runs every step, also after one that fails; harmless when called again. */
  run(): Promise<void> {
    return (this.#running ??= this.#run());
  }

  async #run(): Promise<void> {
    this.#begun.abort();
    for (const step of this.#steps.toReversed())
      try {
        await step();
      } catch {
        // the rest has to be closed all the same
      }
  }
}
