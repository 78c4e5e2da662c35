import { SyncError } from '../../../src/errors/sync-error.ts';

/** One transaction, as what it holds and waits for. */
export class Owner {
  readonly locked = new Set<string>();
  /** Who holds what this one waits for; empty while it runs. */
  waitsFor: readonly Owner[] = [];
}

type Mode = 'exclusive' | 'shared';

interface Lock {
  holders: Map<Owner, Mode>;
  waiting: (() => void)[];
}

/** Row locks until the end of a transaction, as both engines have them. A circle of waiting is `contention` at once. */
export class Locks {
  readonly #locks = new Map<string, Lock>();

  exclusive(owner: Owner, row: string): Promise<void> {
    return this.#take(owner, row, 'exclusive');
  }

  /** What a foreign key takes on the parent: children may come together, the parent cannot go. */
  shared(owner: Owner, row: string): Promise<void> {
    return this.#take(owner, row, 'shared');
  }

  /** Waits until no other transaction holds the row for itself. */
  async settled(owner: Owner, row: string): Promise<void> {
    for (let lock = this.#locks.get(row); lock; lock = this.#locks.get(row)) {
      const others = blockers(lock, owner, 'shared');
      if (others.length === 0) return;
      await wait(owner, lock, others);
    }
  }

  release(owner: Owner): void {
    for (const row of owner.locked) {
      const lock = this.#locks.get(row)!;
      lock.holders.delete(owner);
      if (lock.holders.size === 0) this.#locks.delete(row);
      for (const wake of lock.waiting.splice(0)) wake();
    }
    owner.locked.clear();
  }

  async #take(owner: Owner, row: string, mode: Mode): Promise<void> {
    for (;;) {
      let lock = this.#locks.get(row);
      if (!lock) this.#locks.set(row, (lock = { holders: new Map(), waiting: [] }));
      const others = blockers(lock, owner, mode);
      if (others.length === 0) {
        if (lock.holders.get(owner) !== 'exclusive') lock.holders.set(owner, mode);
        owner.locked.add(row);
        return;
      }
      await wait(owner, lock, others);
    }
  }
}

const blockers = ({ holders }: Lock, owner: Owner, mode: Mode): Owner[] =>
  [...holders]
    .filter(([holder, held]) => holder !== owner && (mode === 'exclusive' || held === 'exclusive'))
    .map(([holder]) => holder);

async function wait(owner: Owner, lock: Lock, others: readonly Owner[]): Promise<void> {
  if (others.some((other) => leadsTo(other, owner))) throw new SyncError('contention', 'deadlock');
  owner.waitsFor = others;
  await new Promise<void>((resolve) => lock.waiting.push(resolve));
  owner.waitsFor = [];
}

const leadsTo = (from: Owner, to: Owner): boolean =>
  from === to || from.waitsFor.some((next) => leadsTo(next, to));
