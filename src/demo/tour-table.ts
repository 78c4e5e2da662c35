import Table from 'cli-table3';

export interface TourLine {
  title: string;
  ok: boolean;
  milliseconds: number | null;
  /** Times of single rows among it. */
  singles: readonly number[];
  note: string;
}

const figure = (milliseconds: number | null) =>
  milliseconds === null ? '' : `${Math.round(milliseconds)} ms`;

/** The tour as a table, one line per step, with the median of the steps that were timed row by row. */
export function tourTable(lines: readonly TourLine[]): string {
  const table = new Table({
    style: { head: [], border: [], compact: true },
    head: ['', 'step', 'on the other side after', ''],
    colAligns: ['left', 'left', 'right', 'left'],
  });
  for (const { title, ok, milliseconds, note } of lines)
    table.push([ok ? 'ok' : 'FAILED', title, figure(milliseconds), note]);
  return table.toString();
}

export function median(figures: readonly number[]): number | null {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
