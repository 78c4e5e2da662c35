import { SyncError } from '../../errors/sync-error.ts';

/** Things that one of several owners has at a time, by name; those who come later queue up. */
export class Turns<Owner> {
  readonly #last = new Map<string, { owner: Owner; over: Promise<void> }>();
  readonly #waitsFor = new Map<Owner, Owner>();

  /** Waits for everybody who came before; returns what gives the turn on. Throws `contention` instead of a wait in a circle. */
  async take(owner: Owner, name: string): Promise<() => void> {
    const before = this.#last.get(name);
    if (before) this.#assertNoCircle(owner, before.owner);
    let end = () => {};
    this.#last.set(name, { owner, over: new Promise<void>((resolve) => (end = resolve)) });
    if (before) {
      this.#waitsFor.set(owner, before.owner);
      await before.over;
      this.#waitsFor.delete(owner);
    }
    return end;
  }

  #assertNoCircle(owner: Owner, first: Owner): void {
    for (let next: Owner | undefined = first; next !== undefined; next = this.#waitsFor.get(next))
      if (next === owner)
        throw new SyncError('contention', 'two rows of one transaction wait for each other');
  }
}
