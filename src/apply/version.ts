import type { Version } from '../database/contract.ts';

/** The total order of versions: by clock, ties to the fixed side. Null is below every version. */
export function isNewer(candidate: Version, held: Version | null, fixedSide: string): boolean {
  if (held === null) return true;
  if (candidate.clock !== held.clock) return candidate.clock > held.clock;
  return candidate.side === fixedSide && held.side !== fixedSide;
}

/** The larger of clocks; null where there is none. */
export const newestClock = (...clocks: (bigint | null | undefined)[]): bigint | null =>
  clocks.reduce<bigint | null>(
    (max, clock) => (clock != null && (max === null || clock > max) ? clock : max),
    null,
  );

export function newest(a: Version | null, b: Version | null, fixedSide: string): Version | null {
  if (b === null) return a;
  return isNewer(b, a, fixedSide) ? b : a;
}
