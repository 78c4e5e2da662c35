import type { Version } from '../database/contract.ts';

/** The total order of versions: by clock, ties to the fixed side. Null is below every version. */
export function isNewer(candidate: Version, held: Version | null, fixedSide: string): boolean {
  if (held === null) return true;
  if (candidate.clock !== held.clock) return candidate.clock > held.clock;
  return candidate.side === fixedSide && held.side !== fixedSide;
}

export function newest(a: Version | null, b: Version | null, fixedSide: string): Version | null {
  if (b === null) return a;
  return isNewer(b, a, fixedSide) ? b : a;
}
