import { sleep } from '@temporalio/workflow';

/** The rate is that of so many groups of rows, the last ones. */
const groupsOfRate = 12;

/** How fast rows are gone through. */
export class Pace {
  /** Rows in all at a time, milliseconds; the newest last. */
  #seen: { at: number; rows: number }[] = [];

  /** After a pause; what was before tells nothing any more. */
  restart(): void {
    this.#seen = [];
  }

  note(rows: number): void {
    this.#seen = [...this.#seen, { at: Date.now(), rows }].slice(-groupsOfRate);
  }

  /** Rows a second of late; null where it cannot be told. */
  get rate(): number | null {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (!first || !last || last.at === first.at) return null;
    return ((last.rows - first.rows) * 1000) / (last.at - first.at);
  }
}

/** Waits until rows that were begun with at a time are no more than so many a second; null: does not wait. */
export async function keepRate(rows: number, began: number, rowsPerSecond: number | null): Promise<void> {
  if (rowsPerSecond === null) return;
  const early = (rows / rowsPerSecond) * 1000 - (Date.now() - began);
  if (early > 0) await sleep(early, { summary: `at most ${rowsPerSecond} rows a second` });
}
