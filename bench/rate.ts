/** Events per second of the middle eight tenths, from the moments in which they ended, milliseconds in order. */
export function middleRate(ends: readonly number[]): number {
  const [from, to] = [Math.floor(ends.length * 0.1), Math.floor(ends.length * 0.9)];
  return ((to - from) * 1000) / (ends[to]! - ends[from]!);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

/** Of one or more values, each the smallest that so many hundredths of them do not pass. */
export function percentiles(values: readonly number[]): Percentiles {
  if (values.length === 0) throw new Error('nothing was measured');
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1]!;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
