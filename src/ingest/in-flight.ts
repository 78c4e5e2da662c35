import type { RunningEvents } from './count-running.ts';
import { paced } from './paced.ts';

/** Events a batch holds at most. */
export const mostInBatch = 500;

export interface InFlightOptions {
  /** `SYNC_MAX_IN_FLIGHT`: at this many running workflows that wait for no row nothing new is started. */
  limit: number;
  /** `SYNC_MAX_WAITING`: at this many that wait for another row `onCrowded` is told. */
  waitingLimit: number;
  /** Running workflows of the pipeline, by visibility. */
  count: () => Promise<RunningEvents>;
  /** Milliseconds between counts; visibility may run behind by as much. Near the limit it is counted more often. */
  intervalMs: number;
  /** Milliseconds, never set back; default `performance.now`. */
  now?: () => number;
  onClose: (inFlight: number) => void;
  onOpen: (inFlight: number) => void;
  /** So many wait for another row that no more should be started that could wait too (true), or no longer (false). */
  onCrowded: (crowded: boolean, waiting: number) => void;
}

/**
 * The gate before new starts. In flight is what visibility counted, the starts under way, and those that landed less than an
 * interval before that count began, since visibility runs behind; but for those that wait for another row, which have a
 * limit of their own.
 * It closes at the limit and opens at 80 % of it. While Temporal cannot be counted the estimate only grows: an outage of
 * visibility may close the gate but never lets starts run away, and the next successful count corrects it.
 */
export class InFlight {
  readonly #options: InFlightOptions;
  #counted = 0;
  #underWay = 0;
  #landed: { at: number; events: number }[] = [];
  #landedEvents = 0;
  #closed = false;
  #waiting = 0;
  #crowded = false;
  /** Of the batches started here, as a sliding mean; before the first as large as any may be. */
  #perBatch = mostInBatch;

  constructor(options: InFlightOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get estimate(): number {
    return this.#counted + this.#underWay + this.#landedEvents;
  }

  /**
   * Runs one start, of so many events, held against the limit from the call on, before anything is awaited; one that fails
   * is not.
   */
  async track<T>(start: () => Promise<T>, events?: number): Promise<T> {
    if (events !== undefined) this.#perBatch += (events - this.#perBatch) / 10;
    return this.#held(start, events ?? 1);
  }

  async #held<T>(start: () => Promise<T>, events: number): Promise<T> {
    this.#underWay += events;
    this.#judge();
    try {
      const started = await start();
      this.#landed.push({ at: this.#now(), events });
      this.#landedEvents += events;
      return started;
    } finally {
      this.#underWay -= events;
    }
  }

  #now = (): number => (this.#options.now ?? performance.now.bind(performance))();

  /** Counts once; where counting fails everything stays as it was. */
  async refresh(): Promise<void> {
    const visibleUntil = this.#now() - this.#options.intervalMs;
    try {
      const { running, batches, waiting } = await this.#options.count();
      this.#counted = running - waiting + Math.round(batches * this.#perBatch);
      this.#waiting = waiting;
    } catch {
      return;
    }
    this.#landed = this.#landed.filter(({ at }) => at > visibleUntil);
    this.#landedEvents = this.#landed.reduce((sum, { events }) => sum + events, 0);
    this.#judge();
  }

  /** Counts until the signal aborts. */
  watch(signal: AbortSignal): Promise<void> {
    const { intervalMs, limit } = this.#options;
    const near = () => this.#closed || this.estimate > limit / 2;
    return paced(
      () => this.refresh(),
      () => (near() ? intervalMs / 5 : intervalMs),
      signal,
    );
  }

  #judge(): void {
    const { limit, onClose, onOpen } = this.#options;
    if (!this.#closed && this.estimate >= limit) {
      this.#closed = true;
      onClose(this.estimate);
    } else if (this.#closed && this.estimate <= limit * 0.8) {
      this.#closed = false;
      onOpen(this.estimate);
    }
    const { waitingLimit, onCrowded } = this.#options;
    const crowded = this.#waiting >= (this.#crowded ? waitingLimit * 0.8 + 1 : waitingLimit);
    if (crowded !== this.#crowded) onCrowded((this.#crowded = crowded), this.#waiting);
  }
}
