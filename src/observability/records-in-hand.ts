import type { LagSource, OldestUnapplied } from './lag.ts';

/** A change feed as far as its lag is concerned. */
export interface WatchedFeed {
  /** `<side>.<table>` of the tables whose changes it carries. */
  tables: readonly string[];
  position(): {
    /** Records not acknowledged; null until known. */
    lagRecords: number | null;
    /** When a record was last acknowledged, or nothing was left to; milliseconds since the epoch. */
    lastProgressAt: number;
  };
}

/**
 * Records of a process's change feeds that Temporal does not hold yet. The handler reports each record it takes and
 * each it is done with. A feed that is behind with no record in hand (paused, or its broker away) is as old as its
 * last progress: the commit times of records nobody read are unknown, and this is never too much.
 */
export class RecordsInHand implements LagSource {
  readonly #inHand = new Map<string, { table: string; committed: number }>();
  readonly #feeds: WatchedFeed[] = [];

  watch(feed: WatchedFeed): void {
    this.#feeds.push(feed);
  }

  /**
   * A record was read. `id` is unique to it; `committed` its source commit time in milliseconds, or the record's own
   * time until it is parsed: a second call with the same id corrects the first.
   */
  taken(id: string, table: string, committed: number): void {
    this.#inHand.set(id, { table, committed });
  }

  /** Temporal holds the record's event, or it needs none. */
  done(id: string): void {
    this.#inHand.delete(id);
  }

  /** Records not acknowledged, over all feeds. */
  records(): number {
    return this.#feeds.reduce((sum, feed) => sum + (feed.position().lagRecords ?? 0), 0);
  }

  oldest(): OldestUnapplied {
    const oldest = new Map<string, number>();
    for (const { table, committed } of this.#inHand.values())
      oldest.set(table, Math.min(oldest.get(table) ?? committed, committed));
    for (const feed of this.#feeds) {
      const { lagRecords, lastProgressAt } = feed.position();
      if (lagRecords === null || lagRecords === 0 || feed.tables.some((table) => oldest.has(table))) continue;
      for (const table of feed.tables) oldest.set(table, lastProgressAt);
    }
    return oldest;
  }
}
