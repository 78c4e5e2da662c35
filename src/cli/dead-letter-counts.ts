import Table from 'cli-table3';
import type { OpenDeadLetter } from './dead-letters.ts';

/** The open dead letters of one cause. */
export interface DeadLetterCount {
  signature: string | null;
  count: number;
  /** When the first and the last of them was opened, ISO 8601. */
  oldest: string;
  newest: string;
}

/** By signature, the most frequent first. */
export function countBySignature(found: readonly OpenDeadLetter[]): DeadLetterCount[] {
  const counts = new Map<string | null, DeadLetterCount>();
  for (const { signature, opened_at: at } of found) {
    const { count, oldest, newest } = counts.get(signature) ?? { count: 0, oldest: at, newest: at };
    counts.set(signature, {
      signature,
      count: count + 1,
      oldest: at < oldest ? at : oldest,
      newest: at > newest ? at : newest,
    });
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count);
}

export function countTable(counts: readonly DeadLetterCount[]): string {
  if (counts.length === 0) return 'no open dead letter';
  const table = new Table({
    head: ['signature', 'open', 'oldest', 'newest'],
    colAligns: ['left', 'right', 'left', 'left'],
    style: { head: [], border: [] },
  });
  for (const { signature, count, oldest, newest } of counts)
    table.push([signature ?? '', count, oldest, newest]);
  return `${table.toString()}\n${counts.reduce((sum, { count }) => sum + count, 0)} open`;
}
