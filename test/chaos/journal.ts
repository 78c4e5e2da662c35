import type { Entity, Side } from './words.ts';

/** One row version an app made, as its own transaction saw it. */
export interface Write {
  side: Side;
  entity: Entity;
  key: string;
  kind: 'insert' | 'update' | 'delete';
  /**
   * Row clock of the version; of a delete one above that of the row. Where tables keep none, a count that orders the
   * versions of a row on its side.
   */
  clock: bigint;
  /** `clock` of the version it overwrote; null: there was no row. */
  base: bigint | null;
  /** What the row's text then said; null for deletes and for rows without text. */
  text: string | null;
  /** What it said before; null where there was no row. */
  was: string | null;
  /** The key the row had before its app changed it. */
  oldKey?: string;
}

/** `acknowledged`: the app was told it is committed. `unknown`: the connection broke at COMMIT. */
export type Ending = 'acknowledged' | 'unknown' | 'refused' | 'idle';

export interface JournaledWrite extends Write {
  ending: 'acknowledged' | 'unknown';
}

/** What the apps did, as they know it themselves. */
export class Journal {
  readonly writes: JournaledWrite[] = [];
  /** Operation to how often it ended in which way. */
  readonly operations = new Map<string, Record<Ending, number>>();

  /** Why operations were refused, to how often. */
  readonly refusals = new Map<string, number>();

  note(operation: string, ending: Ending, writes: readonly Write[], reason = ''): void {
    const counted = this.operations.get(operation) ?? { acknowledged: 0, unknown: 0, refused: 0, idle: 0 };
    counted[ending]++;
    if (ending === 'refused') this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
    this.operations.set(operation, counted);
    if (ending === 'acknowledged' || ending === 'unknown')
      this.writes.push(...writes.map((write) => ({ ...write, ending })));
  }

  get acknowledged(): number {
    return [...this.operations.values()].reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }
}
