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
