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
  /** Milliseconds between counts; visibility may run behind by as much. */
  intervalMs: number;
  /** From so many in flight on they are counted five times as often. */
  closelyFrom: number;
  /** Milliseconds, never set back; default `performance.now`. */
  now?: () => number;
  onClose: (inFlight: number) => void;
  onOpen: (inFlight: number) => void;
  /** So many wait for another row that no more should be started that could wait too (true), or no longer (false). */
  onCrowded: (crowded: boolean, waiting: number) => void;
}

/** Batches of one ingester under way: enough that servers and workers have something to do, few enough to be in memory. */
const mostBatches = 4;

/** So long a batch waits for room before the gate closes, milliseconds. */
const roomMs = 10_000;

interface Waiter {
  events: number;
  go: () => void;
  /** It has waited for so long that the gate is closed for it. */
  late: boolean;
}

/**
 * The gate before new starts. In flight is what visibility counted, the starts under way, and those that landed less than an
 * interval before that count began, since visibility runs behind; but for those that wait for another row, which have a
 * limit of their own. Batches started here count by themselves from their start to their end.
 * It closes at the limit and opens at 80 % of it. While Temporal cannot be counted the estimate only grows: an outage of
 * visibility may close the gate but never lets starts run away, and the next successful count corrects it.
 */
export class InFlight {
  readonly #options: InFlightOptions;
  #counted = 0;
  #underWay = 0;
  #landed: number[] = [];
  #closed = false;
  #waiting = 0;
  #crowded = false;
  /** Of the batches started here, as a sliding mean; before the first as large as any may be. */
  #perBatch = mostInBatch;
  /** Batches started here that run. */
  #batches = 0;
  /** When batches started here have ended, as far as visibility may not show it yet. */
  #batchEnds: number[] = [];
  #waiters: Waiter[] = [];

  constructor(options: InFlightOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether a batch would begin at once, however small it is. */
  get takesBatches(): boolean {
    return this.#batches < mostBatches && this.#waiters.length === 0 && !this.#closed;
  }

  get estimate(): number {
    return this.#counted + this.#underWay + this.#landed.length;
  }

  /** Runs one start, held against the limit from the call on, before anything is awaited; one that fails is not. */
  async track<T>(start: () => Promise<T>): Promise<T> {
    this.#underWay++;
    this.#judge();
    try {
      const started = await start();
      this.#landed.push(this.#now());
      return started;
    } finally {
      this.#underWay--;
    }
  }

  /** `track` of a batch, whose events are held until it has ended, and not begun before there is room for them. */
  async trackBatch<T extends { ended: Promise<void> }>(
    start: () => Promise<T>,
    events: number,
    signal: AbortSignal,
  ): Promise<T> {
    await this.#room(events, signal);
    this.#perBatch += (events - this.#perBatch) / 10;
    const end = () => {
      this.#underWay -= events;
      this.#batches--;
      this.#judge();
    };
    try {
      const started = await start();
      void this.#afterwards(started.ended, () => {
        this.#batchEnds.push(this.#now());
        end();
      });
      return started;
    } catch (error) {
      end();
      throw error;
    }
  }

  async #afterwards(ended: Promise<void>, then: () => void): Promise<void> {
    await ended;
    then();
  }

  /**
   * Waits in turn until so many events more are below the limit, or nothing is in flight at all, and few batches run; then
   * holds them.
   */
  #room(events: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiter.late = true;
        this.#close();
      }, roomMs);
      const leave = (settle: () => void) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        settle();
      };
      const waiter: Waiter = { events, go: () => leave(resolve), late: false };
      const abort = () => {
        this.#waiters = this.#waiters.filter((each) => each !== waiter);
        leave(() => reject(signal.reason as Error));
        this.#admit();
      };
      signal.addEventListener('abort', abort);
      this.#waiters.push(waiter);
      if (signal.aborted) abort();
      else this.#admit();
    });
  }

  #admit(): void {
    for (let next = this.#waiters[0]; next !== undefined; next = this.#waiters[0]) {
      if (this.#batches >= mostBatches) return;
      if (this.estimate > 0 && this.estimate + next.events >= this.#options.limit) return;
      this.#waiters.shift();
      this.#underWay += next.events;
      this.#batches++;
      next.go();
    }
  }

  #now = (): number => (this.#options.now ?? performance.now.bind(performance))();

  /** Counts once; where counting fails everything stays as it was. */
  async refresh(): Promise<void> {
    const visibleUntil = this.#now() - this.#options.intervalMs;
    try {
      const { running, batches, waiting } = await this.#options.count();
      this.#batchEnds = this.#batchEnds.filter((at) => at > visibleUntil);
      const others = Math.max(0, batches - this.#batches - this.#batchEnds.length);
      this.#counted = running - waiting + Math.round(others * this.#perBatch);
      this.#waiting = waiting;
    } catch {
      return;
    }
    this.#landed = this.#landed.filter((at) => at > visibleUntil);
    this.#judge();
  }

  /** Counts until the signal aborts. */
  watch(signal: AbortSignal): Promise<void> {
    const { intervalMs, closelyFrom } = this.#options;
    const near = () => this.#closed || this.estimate > closelyFrom;
    return paced(
      () => this.refresh(),
      () => (near() ? intervalMs / 5 : intervalMs),
      signal,
    );
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onClose(this.estimate);
  }

  #judge(): void {
    const { limit, onOpen } = this.#options;
    this.#admit();
    const isEasy = this.estimate <= limit * 0.8 && !this.#waiters.some(({ late }) => late);
    if (this.estimate >= limit) this.#close();
    else if (this.#closed && isEasy) {
      this.#closed = false;
      onOpen(this.estimate);
    }
    const { waitingLimit, onCrowded } = this.#options;
    const crowded = this.#waiting >= (this.#crowded ? waitingLimit * 0.8 + 1 : waitingLimit);
    if (crowded !== this.#crowded) onCrowded((this.#crowded = crowded), this.#waiting);
  }
}
