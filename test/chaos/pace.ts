import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './random.ts';

/** Writers there are, each taking its turns by itself. */
const writers = 5;

/**
 * How fast the writers may go: so many operations a second together, and none while more events are open than the chain
 * works off within a minute. An outage is allowed to pile up that many.
 */
export class Pace {
  readonly #meanPauseMs: number;
  readonly #mostOpen: number;
  #open = 0;
  /** Holds the writers, whatever is open. */
  held = false;
  /** Milliseconds the writers were held. */
  heldMs = 0;

  constructor(perSecond: number, mostOpen: number) {
    this.#meanPauseMs = (1000 * writers) / perSecond;
    this.#mostOpen = mostOpen;
  }

  /** Open events as last seen. */
  set open(count: number) {
    this.#open = count;
  }

  /** Waits for the next turn; false once the signal aborted. */
  async turn(random: Random, signal: AbortSignal): Promise<boolean> {
    await delay(random.between(0, 2 * this.#meanPauseMs));
    while ((this.held || this.#open > this.#mostOpen) && !signal.aborted) {
      await delay(250);
      this.heldMs += 250 / writers;
    }
    return !signal.aborted;
  }
}
