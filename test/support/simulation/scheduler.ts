import { nextTick } from 'node:process';
import type { Random } from './random.ts';

/**
 * Runs tasks that meet at points: one goes on at a time, which one is the seed's choice. Everything between two points
 * is promises alone, so the same seed gives the same run.
 */
export class Scheduler {
  readonly #random: Random;
  #parked: (() => void)[] = [];
  #later: (() => void)[] = [];
  /** Points passed. */
  points = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Lets any task go on, this one or another. */
  point = (): Promise<void> => new Promise((resolve) => this.#parked.push(resolve));

  /** Runs something once no task can go on by itself. */
  later = (run: () => void): void => void this.#later.push(run);

  /** Runs the tasks to their ends. Throws where they wait for each other for ever. */
  async run(tasks: readonly (() => Promise<void>)[]): Promise<void> {
    let running = tasks.length;
    let failure: { error: unknown } | null = null;
    for (const task of tasks)
      void task()
        .catch((error: unknown) => (failure ??= { error }))
        .finally(() => (running -= 1));
    for (;;) {
      await settled();
      if (failure) throw (failure as { error: unknown }).error;
      if (running === 0) return;
      const due = this.#later.splice(0);
      if (due.length > 0) {
        for (const run of due) run();
        continue;
      }
      const next = this.#random.take(this.#parked);
      if (!next) throw new Error('every task waits for another');
      this.points += 1;
      next();
    }
  }
}

/** Once every promise that can settle has settled: node empties their queue before the next tick. */
const settled = (): Promise<void> =>
  new Promise((resolve) => {
    nextTick(resolve);
  });
