import { SyncError } from '../../errors/sync-error.ts';

interface Turn<Owner> {
  owner: Owner;
  begin: () => void;
}

/** Things that one of several owners has at a time, by name; those who come later queue up. */
export class Turns<Owner> {
  /** Whoever has it comes first. */
  readonly #lines = new Map<string, Turn<Owner>[]>();
  readonly #waitsFor = new Map<Owner, Owner>();

  /**
   * Null: the owner has it at once. Else it is to wait until everybody who came before has given it up. Throws `contention`
   * instead of a wait in a circle.
   */
  take(owner: Owner, name: string): Promise<void> | null {
    const line = this.#lines.get(name);
    const before = line?.at(-1);
    if (!line || !before) {
      this.#lines.set(name, [{ owner, begin: () => {} }]);
      return null;
    }
    this.#assertNoCircle(owner, before.owner);
    this.#waitsFor.set(owner, before.owner);
    return new Promise((resolve) => {
      const begin = () => {
        this.#waitsFor.delete(owner);
        resolve();
      };
      line.push({ owner, begin });
    });
  }

  /** By whoever has it. */
  give(name: string): void {
    const line = this.#lines.get(name);
    line?.shift();
    if (line?.[0]) line[0].begin();
    else this.#lines.delete(name);
  }

  #assertNoCircle(owner: Owner, first: Owner): void {
    for (let next: Owner | undefined = first; next !== undefined; next = this.#waitsFor.get(next))
      if (next === owner)
        throw new SyncError('contention', 'two rows of one transaction wait for each other');
  }
}
