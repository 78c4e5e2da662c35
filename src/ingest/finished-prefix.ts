/**
 * Which leading records of a batch are finished, however their handlers complete.
 * Acknowledging an offset acknowledges everything below it, so only this prefix may be.
 */
export class FinishedPrefix {
  readonly #offsets: readonly string[];
  readonly #finished: boolean[];
  #length = 0;
  #taken = 0;

  constructor(offsets: readonly string[]) {
    this.#offsets = offsets;
    this.#finished = offsets.map(() => false);
  }

  finish(index: number): void {
    this.#finished[index] = true;
    while (this.#finished[this.#length] === true) this.#length++;
  }

  /** The last offset of the finished prefix; null where nothing was added since the last call. */
  take(): string | null {
    if (this.#length === this.#taken) return null;
    this.#taken = this.#length;
    return this.#offsets[this.#length - 1] ?? null;
  }

  get complete(): boolean {
    return this.#length === this.#offsets.length;
  }
}
