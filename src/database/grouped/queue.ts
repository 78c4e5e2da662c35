/** Runs something once every promise that is settled by now has gone on. */
export type Later = (run: () => void) => void;

interface Call {
  kind: string;
  argument: unknown;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

/** Told before whoever called goes on. */
export interface Told<R> {
  result?: (result: R) => void;
  error?: (error: unknown) => void;
}

type Settled<R> = PromiseSettledResult<R>;

/** Answers calls of one kind in their order, or throws for all. */
export type Answer<A, R> = (args: readonly A[]) => Promise<readonly Settled<R>[]>;

/**
 * Collects the calls that tasks make until none of them can go on by itself, then answers those of each kind together.
 * Whoever waits for anything but this queue meanwhile is not waited for: its calls come in a later round.
 */
export class Queue {
  #calls: Call[] = [];
  #answers = new Map<string, { order: number; answer: Answer<never, unknown> }>();
  #scheduled = false;
  #running = false;
  readonly #later: Later;

  constructor(later: Later) {
    this.#later = later;
  }

  /** `order`: of two kinds in one round the lower is answered first. Calls that cannot be answered together differ in `kind`. */
  call<A, R>(kind: string, order: number, argument: A, answer: Answer<A, R>, told: Told<R> = {}): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.#calls.push({
        kind,
        argument,
        resolve: (result) => {
          told.result?.(result as R);
          resolve(result as R);
        },
        reject: (error) => {
          told.error?.(error);
          reject(error);
        },
      });
      if (!this.#answers.has(kind)) this.#answers.set(kind, { order, answer });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#running) return;
    this.#scheduled = true;
    this.#later(() => {
      this.#scheduled = false;
      void this.#answerAll();
    });
  }

  async #answerAll(): Promise<void> {
    this.#running = true;
    const calls = byKind(this.#calls);
    const answers = [...this.#answers].toSorted(([, a], [, b]) => a.order - b.order);
    this.#calls = [];
    this.#answers = new Map();
    for (const [kind, { answer }] of answers) {
      const own = calls.get(kind)!;
      try {
        const results = await answer(own.map(({ argument }) => argument) as never[]);
        for (const [index, { resolve, reject }] of own.entries()) {
          const result = results[index]!;
          if (result.status === 'fulfilled') resolve(result.value);
          else reject(result.reason);
        }
      } catch (error) {
        for (const { reject } of own) reject(error);
      }
    }
    this.#running = false;
    if (this.#calls.length > 0) this.#schedule();
  }
}

export const fulfilled = <R>(values: readonly R[]): Settled<R>[] =>
  values.map((value) => ({ status: 'fulfilled', value }));

function byKind(calls: readonly Call[]): Map<string, Call[]> {
  const found = new Map<string, Call[]>();
  for (const call of calls) {
    const same = found.get(call.kind);
    if (same) same.push(call);
    else found.set(call.kind, [call]);
  }
  return found;
}
