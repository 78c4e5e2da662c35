import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeFeed } from './change-feed.ts';
import type { IngestObserver } from './observer.ts';

const cause = 'paused';
/** Between two looks at what is paused, milliseconds. */
const lookMs = 500;

/** Holds a feed's topics for as long as they are paused. */
export class PauseWatch {
  readonly #read: () => readonly string[];
  readonly #feed: Pick<ChangeFeed, 'pause' | 'resume'>;
  readonly #observer: Pick<IngestObserver, 'topicsPaused'>;
  #paused: readonly string[] = [];

  /** `read` gives the topics that are paused now; asked of memory, often. */
  constructor(
    read: () => readonly string[],
    feed: Pick<ChangeFeed, 'pause' | 'resume'>,
    observer: Pick<IngestObserver, 'topicsPaused'>,
  ) {
    this.#read = read;
    this.#feed = feed;
    this.#observer = observer;
  }

  /** As of the last look. */
  isPaused(topic: string): boolean {
    return this.#paused.includes(topic);
  }

  look(): void {
    const paused = this.#read();
    const begun = paused.filter((topic) => !this.#paused.includes(topic));
    const over = this.#paused.filter((topic) => !paused.includes(topic));
    this.#paused = paused;
    if (begun.length > 0) this.#feed.pause(cause, begun);
    if (over.length > 0) this.#feed.resume(cause, over);
    if (begun.length > 0 || over.length > 0) this.#observer.topicsPaused(paused);
  }

  /** Looks until the signal aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.look();
      await delay(lookMs, undefined, { signal }).catch(() => {});
    }
  }
}
