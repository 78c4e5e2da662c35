import type { Identity } from '../../database/contract.ts';
import type { Route } from '../../pipeline/route.ts';
import { rowHash } from '../row-hash.ts';
import { mapped } from '../situation.ts';
import type { Held } from '../situation.ts';
import { isNewer } from '../version.ts';

/** What one side holds of a row, and what its ledger knows of it. */
export interface SideOfPair {
  /** The way to this side. */
  route: Route;
  held: Held;
  identity: Identity | null;
}

/**
 * The side whose row is right by the entity's policy; null where an operator has to say. The newer version is; of one version
 * on both sides the row that still is what Tandem wrote, since the other was changed without a version of its own; a
 * row over none where nobody deleted it.
 */
export function rightSide(first: SideOfPair, other: SideOfPair): string | null {
  const { policy, fixedSide } = first.route;
  if (policy === 'manual') return null;
  if (policy.startsWith('side:')) return policy.slice('side:'.length);
  const sideOf = ({ route }: SideOfPair) => route.target.side;
  const [a, b] = [first.held.version, other.held.version];
  if (a === null || b === null) return sideOf(a === null ? other : first);
  if (a.clock !== b.clock) return sideOf(isNewer(a, b, fixedSide) ? first : other);
  for (const [side, counterpart] of [
    [first, other],
    [other, first],
  ] as const) {
    const intact = isIntact(side);
    if (intact !== null) return sideOf(intact ? side : counterpart);
  }
  return fixedSide;
}

/** Whether the row is what Tandem wrote; null where its version is not Tandem's, so that nobody can tell. */
function isIntact({ route, held, identity }: SideOfPair): boolean | null {
  if (held.row === null || identity?.written == null || identity.written.clock !== held.row.clock)
    return null;
  return rowHash(mapped(route, held.row)) === identity.rowHash;
}
