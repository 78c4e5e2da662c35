/** Next offsets by `topic/partition`. */
export type Offsets = ReadonlyMap<string, number>;

/** One look at what brings an entity's changes from a side. */
export interface StreamLook {
  /** Milliseconds since the epoch. */
  at: number;
  /** Captured, read and applied: nothing of it is paused, failing or left behind. */
  live: boolean;
  /** Commit time on the source up to which its changes are in the topics; null where nobody knows. */
  reached: number | null;
  /** Where the topics end. */
  ends: Offsets;
  /** Up to where they are consumed. */
  consumed: Offsets;
}

const kept = 500;

/**
 * Since when a stream has been live, and when it passed a commit time: what was in its topics when the connector had
 * reached that time has been consumed since. Remembers enough of the past to answer for any commit time; where it has
 * to thin out, it answers with a later time, never an earlier one.
 */
export class Stream {
  #liveSince: number | null = null;
  #mark: { reached: number; ends: Offsets } | null = null;
  #passed: { at: number; upTo: number }[] = [];

  observe({ at, live, reached, ends, consumed }: StreamLook): void {
    this.#liveSince = live ? (this.#liveSince ?? at) : null;
    this.#pass(at, consumed);
    if (this.#mark === null && reached !== null) this.#mark = { reached, ends };
    this.#pass(at, consumed);
  }

  /** A look that failed: nobody knows. */
  lost(): void {
    this.#liveSince = null;
  }

  /** For how long it has been live, without a break, and past the commit time; 0: it is not. Milliseconds. */
  liveMs(committed: number, now: number): number {
    const passed = this.#passed.find(({ upTo }) => upTo >= committed);
    if (this.#liveSince === null || passed === undefined) return 0;
    return Math.max(0, now - Math.max(this.#liveSince, passed.at));
  }

  #pass(at: number, consumed: Offsets): void {
    const mark = this.#mark;
    if (mark === null || [...mark.ends].some(([place, end]) => (consumed.get(place) ?? 0) < end)) return;
    this.#mark = null;
    if (mark.reached <= (this.#passed.at(-1)?.upTo ?? -Infinity)) return;
    this.#passed.push({ at, upTo: mark.reached });
    if (this.#passed.length > kept) this.#passed = thinned(this.#passed, at);
  }
}

/** The further back, the further apart: by a twentieth of their age. The oldest stays. */
function thinned<T extends { at: number }>(passed: readonly T[], now: number): T[] {
  let newer = Infinity;
  return passed
    .toReversed()
    .filter(({ at }, index) => {
      if (index < passed.length - 1 && newer - at < (now - at) / 20) return false;
      newer = at;
      return true;
    })
    .toReversed();
}
