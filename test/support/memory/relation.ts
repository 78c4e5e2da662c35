import type { Locks, Owner } from './locks.ts';

/**
 * Rows by key under READ COMMITTED: a transaction sees what is committed and its own writes. Values are replaced, never
 * changed, so what was read stays as it was read.
 */
export class Relation<T extends object> {
  readonly name: string;
  readonly committed = new Map<string, T>();
  /** Every key that was ever committed. */
  readonly used = new Set<string>();
  readonly #pending = new Map<string, { owner: Owner; value: T | null }>();
  readonly #locks: Locks;

  constructor(name: string, locks: Locks) {
    this.name = name;
    this.#locks = locks;
  }

  read(owner: Owner | null, key: string): T | null {
    const pending = this.#pending.get(key);
    if (pending && pending.owner === owner) return pending.value;
    return this.committed.get(key) ?? null;
  }

  /** The row under an exclusive lock, whether it exists or not. */
  async lock(owner: Owner, key: string): Promise<T | null> {
    await this.#locks.exclusive(owner, this.#row(key));
    return this.read(owner, key);
  }

  /** The row under a shared lock. */
  async share(owner: Owner, key: string): Promise<T | null> {
    await this.#locks.shared(owner, this.#row(key));
    return this.read(owner, key);
  }

  async write(owner: Owner, key: string, value: T | null): Promise<void> {
    await this.#locks.exclusive(owner, this.#row(key));
    this.#pending.set(key, { owner, value });
  }

  /** What the transaction sees. */
  visible(owner: Owner | null): [string, T][] {
    const rows: [string, T][] = [];
    for (const [key, value] of this.committed) {
      const pending = this.#pending.get(key);
      if (!pending || pending.owner !== owner) rows.push([key, value]);
    }
    for (const [key, { owner: writer, value }] of this.#pending)
      if (writer === owner && value !== null) rows.push([key, value]);
    return rows;
  }

  find(owner: Owner | null, matches: (value: T, key: string) => boolean): [string, T] | null {
    return this.visible(owner).find(([key, value]) => matches(value, key)) ?? null;
  }

  /**
   * The key of another row that matches; a row that another transaction has written, or is about to remove, is waited
   * for first, as a unique index does.
   */
  async rival(owner: Owner, own: string, matches: (value: T) => boolean): Promise<string | null> {
    for (;;) {
      const open = [...this.#pending].find(
        ([key, { owner: writer, value }]) =>
          writer !== owner &&
          key !== own &&
          [value, this.committed.get(key) ?? null].some((each) => each !== null && matches(each)),
      );
      if (!open) return this.find(owner, (value, key) => key !== own && matches(value))?.[0] ?? null;
      await this.#locks.settled(owner, this.#row(open[0]));
    }
  }

  commit(owner: Owner): void {
    for (const [key, { owner: writer, value }] of this.#pending) {
      if (writer !== owner) continue;
      if (value === null) this.committed.delete(key);
      else {
        this.committed.set(key, value);
        this.used.add(key);
      }
      this.#pending.delete(key);
    }
  }

  /** Returns what brings back all that the transaction has written by now. */
  savepoint(owner: Owner): () => void {
    const own = [...this.#pending].filter(([, { owner: writer }]) => writer === owner);
    return () => {
      this.rollback(owner);
      for (const [key, pending] of own) this.#pending.set(key, pending);
    };
  }

  rollback(owner: Owner): void {
    for (const [key, { owner: writer }] of this.#pending) if (writer === owner) this.#pending.delete(key);
  }

  #row = (key: string): string => `${this.name}\u0000${key}`;
}
