import { otherSide } from './schema.ts';
import type { Side } from './schema.ts';

/** A version of a row: the row clock and the side whose app made it. */
interface Made {
  clock: bigint;
  side: Side;
}

export interface ModelRow extends Made {
  value: string;
}

/** What the log tells the other side: a row, or that it is gone. */
export interface ModelEvent {
  from: Side;
  key: string;
  version: Made;
  value: string | null;
}

/** One row under its two keys. */
interface Link {
  keys: Record<Side, string | null>;
  /** The greatest delete that was brought to each side. */
  ended: Record<Side, Made | null>;
}

const above = (a: Made, b: Made | null): boolean =>
  b === null || a.clock > b.clock || (a.clock === b.clock && a.side === 'left' && b.side === 'right');

const greater = (a: Made | null, b: Made | null): Made | null => (a !== null && above(a, b) ? a : b);

/**
 * The version order as a model that shares nothing with the core: two registers under the total order (clock, side), and
 * the clocks that apps' writes get. One entity, one thing at a time. The simulation holds the core to it.
 */
export class VersionOrder {
  readonly rows: Record<Side, Map<string, ModelRow>> = { left: new Map(), right: new Map() };
  readonly #deletedHere: Record<Side, Map<string, Made>> = { left: new Map(), right: new Map() };
  readonly #links: Link[] = [];
  readonly #nextKey: Record<Side, number> = { left: 1, right: 2 };

  newKey(side: Side): string {
    const key = this.#nextKey[side];
    this.#nextKey[side] += 2;
    return String(key);
  }

  /** An insert starts above what was there: a row it replaces, a delete here, a delete that was brought here. */
  insert(side: Side, key: string, value: string, now: bigint, replaced: ModelRow | null = null): ModelEvent {
    const floors = [
      replaced && replaced.clock + 2n,
      afterEnd(this.#deletedHere[side].get(key)),
      afterEnd(this.#linkOf(side, key)?.ended[side]),
    ];
    const clock = floors.reduce<bigint>(
      (most, floor) => (floor !== null && floor > most ? floor : most),
      now,
    );
    const row = { value, clock, side };
    this.rows[side].set(key, row);
    return { from: side, key, version: row, value };
  }

  /** A write is later than what it changes, whatever the wall clock says. A write that changes nothing is none. */
  update(side: Side, key: string, value: string, now: bigint): ModelEvent | null {
    const row = this.rows[side].get(key)!;
    if (row.value === value) return null;
    const next = { value, clock: now > row.clock ? now : row.clock + 1n, side };
    this.rows[side].set(key, next);
    return { from: side, key, version: next, value };
  }

  /** A delete is the next version of what it ends, here and for the other side alike. */
  delete(side: Side, key: string): { event: ModelEvent; row: ModelRow } {
    const row = this.rows[side].get(key)!;
    this.rows[side].delete(key);
    const version = { clock: row.clock + 1n, side };
    this.#deletedHere[side].set(key, greater(version, this.#deletedHere[side].get(key) ?? null)!);
    return { event: { from: side, key, version, value: null }, row };
  }

  /** Brings an event to the other side: only what is above the row there, or above the greater of its ends. */
  bring({ from, key, version, value }: ModelEvent): void {
    const to = otherSide[from];
    let link = this.#linkOf(from, key);
    if (!link) this.#links.push((link = linked(from, key)));
    const own = link.keys[to];
    const row = own === null ? undefined : this.rows[to].get(own);
    const deleted = own === null ? null : (this.#deletedHere[to].get(own) ?? null);
    if (!above(version, row ?? greater(link.ended[to], deleted))) return;
    if (value === null) {
      if (own !== null) this.rows[to].delete(own);
      link.ended[to] = greater(version, link.ended[to]);
      return;
    }
    const target = own ?? this.newKey(to);
    link.keys[to] = target;
    this.rows[to].set(target, { ...version, value });
  }

  #linkOf = (side: Side, key: string): Link | undefined => this.#links.find(({ keys }) => keys[side] === key);
}

const afterEnd = (end: Made | null | undefined): bigint | null => (end ? end.clock + 1n : null);

const linked = (from: Side, key: string): Link => ({
  keys: { left: null, right: null, [from]: key },
  ended: { left: null, right: null },
});
