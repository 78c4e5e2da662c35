/** Table (`<side>.<table>`) to the source commit time of its oldest unapplied event, milliseconds since the epoch. */
export type OldestUnapplied = ReadonlyMap<string, number>;

/** A place where unapplied events are: records not yet held by Temporal, or open workflows. */
export interface LagSource {
  /** The oldest events known to be there; tables with none are left out. Answers at once, from memory. */
  oldest(): OldestUnapplied;
}

/**
 * Sync lag per table: now minus the source commit time of the oldest unapplied event, 0 when caught up.
 *
 * An unapplied event is either a record that Temporal does not hold yet, which only the ingest process knows
 * (`RecordsInHand`), or an open `syncChange`, which any process reads from Temporal's visibility (`OpenWork`).
 * A process reports the sources it has; over several processes the lag of a table is the maximum.
 * An open dead letter is not lag: it waits for a person and has its own metric.
 */
export class SyncLag {
  readonly #sources: readonly LagSource[];
  readonly #tables: readonly string[];
  readonly #now: () => number;

  constructor(tables: readonly string[], sources: readonly LagSource[], now: () => number = Date.now) {
    this.#tables = tables;
    this.#sources = sources;
    this.#now = now;
  }

  /** Seconds behind, for every table. */
  seconds(): Map<string, number> {
    const now = this.#now();
    const lag = new Map(this.#tables.map((table) => [table, 0]));
    for (const source of this.#sources)
      for (const [table, committed] of source.oldest())
        lag.set(table, Math.max(lag.get(table) ?? 0, (now - committed) / 1000));
    return lag;
  }

  /** The table furthest behind; null where there is none. */
  worst(): { table: string; seconds: number } | null {
    let worst: { table: string; seconds: number } | null = null;
    for (const [table, seconds] of this.seconds())
      if (worst === null || seconds > worst.seconds) worst = { table, seconds };
    return worst;
  }
}
