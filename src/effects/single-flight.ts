/** Work under a name, which whoever asks for it meanwhile waits for together. */
export class SingleFlight<T> {
  readonly #underWay = new Map<string, Promise<T>>();

  /** What is under way under the name, or `work`, begun now. */
  join(name: string, work: () => Promise<T>): Promise<T> {
    const known = this.#underWay.get(name);
    if (known) return known;
    const begun = work().finally(() => {
      if (this.#underWay.get(name) === begun) this.#underWay.delete(name);
    });
    this.#underWay.set(name, begun);
    return begun;
  }

  /** Who asks from now on begins anew. */
  leave(name: string): void {
    this.#underWay.delete(name);
  }
}
