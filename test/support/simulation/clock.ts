import type { Random } from './random.ts';

/** The wall clocks of the sides: skewed against each other, coarse, and set back now and then. */
export class WallClocks {
  readonly #random: Random;
  readonly #now = new Map<string, bigint>();

  constructor(random: Random, sides: readonly string[], skew: number) {
    this.#random = random;
    sides.forEach((side, index) =>
      this.#now.set(side, 1_000_000n + BigInt(index === 0 ? 0 : random.int(2 * skew + 1) - skew)),
    );
  }

  /** Microseconds. Time passes with each look, for all. */
  now(side: string): bigint {
    const passed = BigInt(this.#random.int(3));
    for (const [each, at] of this.#now) this.#now.set(each, at + passed);
    if (this.#random.chance(0.01)) this.#now.set(side, this.#now.get(side)! - BigInt(this.#random.int(400)));
    return this.#now.get(side)!;
  }
}
