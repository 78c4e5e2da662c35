export interface FuseLimits {
  /** Failures of one signature within the window that trip it; 0: it never trips. */
  errors: number;
  /** Milliseconds. */
  windowMs: number;
}

interface Window {
  /** Events that came to an outcome, by second. */
  succeeded: Map<number, number>;
  /** Event id to its latest failure. */
  failed: Map<string, { signature: string; at: number }>;
}

/**
 * Tells a systematic failure from single bad rows: it trips when within the window at least `errors` events of an entity
 * failed with one signature, and these are more than half of all its events. An event that fails twice counts once.
 * `now` gives milliseconds.
 */
export class Fuse {
  readonly #limits: FuseLimits;
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(limits: FuseLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  /** An event of the entity came to an outcome. */
  succeeded(entity: string): void {
    const now = this.#now();
    const { succeeded } = this.#window(entity, now);
    const second = Math.floor(now / 1000);
    succeeded.set(second, (succeeded.get(second) ?? 0) + 1);
  }

  /** An event of the entity finally failed; true: it trips now, and counts anew from here. */
  failed(entity: string, { eventId, signature }: { eventId: string; signature: string }): boolean {
    const now = this.#now();
    const { succeeded, failed } = this.#window(entity, now);
    failed.delete(eventId);
    failed.set(eventId, { signature, at: now });
    const { errors } = this.#limits;
    if (errors === 0 || failed.size < errors) return false;
    const alike = [...failed.values()].filter((failure) => failure.signature === signature).length;
    const events = failed.size + [...succeeded.values()].reduce((sum, count) => sum + count, 0);
    if (alike < errors || alike * 2 <= events) return false;
    this.#windows.delete(entity);
    return true;
  }

  /** The entity's window without what has left it. Entries are in the order of their time. */
  #window(entity: string, now: number): Window {
    let window = this.#windows.get(entity);
    if (!window) this.#windows.set(entity, (window = { succeeded: new Map(), failed: new Map() }));
    const begins = now - this.#limits.windowMs;
    for (const second of window.succeeded.keys()) {
      if (second >= Math.floor(begins / 1000)) break;
      window.succeeded.delete(second);
    }
    for (const [eventId, { at }] of window.failed) {
      if (at >= begins) break;
      window.failed.delete(eventId);
    }
    return window;
  }
}
