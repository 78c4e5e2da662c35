/** Topics that are not to be read now. Several causes may hold a topic; it is free once the last of them lets go. */
export class HeldTopics {
  readonly #topics: readonly string[];
  readonly #causes = new Map<string, Set<string>>();

  constructor(topics: readonly string[]) {
    this.#topics = topics;
  }

  /** A topic the feed does not read is no error: nothing is held then. */
  hold(cause: string, topics: readonly string[] = this.#topics): void {
    for (const topic of topics) {
      if (!this.#topics.includes(topic)) continue;
      const causes = this.#causes.get(topic) ?? new Set();
      this.#causes.set(topic, causes.add(cause));
    }
  }

  /** True: a topic that this cause held alone is free now. */
  release(cause: string, topics: readonly string[] = this.#topics): boolean {
    let freed = false;
    for (const topic of topics) {
      const causes = this.#causes.get(topic);
      if (!causes?.delete(cause) || causes.size > 0) continue;
      this.#causes.delete(topic);
      freed = true;
    }
    return freed;
  }

  has(topic: string): boolean {
    return this.#causes.has(topic);
  }

  get held(): readonly string[] {
    return this.#topics.filter((topic) => this.has(topic));
  }

  get free(): readonly string[] {
    return this.#topics.filter((topic) => !this.has(topic));
  }
}
