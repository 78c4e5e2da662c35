/** A batch that is filling. */
interface Filling<T> {
  items: T[];
  bytes: number;
  timer: NodeJS.Timeout;
  taken: Promise<void>;
  resolve: (taken: Promise<void>) => void;
}

export interface GathererOptions<T> {
  mostItems: number;
  mostBytes: number;
  /** Milliseconds a batch that does not fill waits for more. */
  waitMs: number;
  /** False: it may as well fill on, since it could not begin yet; at most for `mostWaitMs`. */
  isReady: (items: readonly T[]) => boolean;
  mostWaitMs: number;
  take: (items: readonly T[]) => Promise<void>;
}

/** Puts items of one name together, in their order, until there are enough or no more come. */
export class Gatherer<T> {
  readonly #options: GathererOptions<T>;
  readonly #filling = new Map<string, Filling<T>>();

  constructor(options: GathererOptions<T>) {
    this.#options = options;
  }

  /** Settles as `take` does for the batch that the item is in. */
  add(name: string, item: T, bytes: number): Promise<void> {
    const { mostItems, mostBytes } = this.#options;
    const full = this.#filling.get(name);
    if (full && full.bytes + bytes > mostBytes) this.#take(name, full);
    const filling = this.#filling.get(name) ?? this.#begin(name);
    filling.items.push(item);
    filling.bytes += bytes;
    if (filling.items.length >= mostItems) this.#take(name, filling);
    return filling.taken;
  }

  #begin(name: string): Filling<T> {
    let resolve: Filling<T>['resolve'] = () => {};
    const taken = new Promise<void>((settle) => (resolve = settle));
    const { waitMs, mostWaitMs, isReady } = this.#options;
    const until = performance.now() + mostWaitMs;
    const look = () => {
      if (isReady(filling.items) || performance.now() >= until) this.#take(name, filling);
      else filling.timer = setTimeout(look, waitMs);
    };
    const filling: Filling<T> = { items: [], bytes: 0, timer: setTimeout(look, waitMs), taken, resolve };
    this.#filling.set(name, filling);
    return filling;
  }

  #take(name: string, filling: Filling<T>): void {
    clearTimeout(filling.timer);
    this.#filling.delete(name);
    filling.resolve(this.#options.take(filling.items));
  }
}
