import type { ChangeEvent } from '../change/event.ts';
import type { Identity } from '../database/contract.ts';
import type { Route } from '../pipeline/route.ts';
import type { Ancestry } from '../temporal/messages.ts';
import { newestClock } from './version.ts';

/**
 * Policies that ask what a version had seen, not which of two is later. Each side's row clock only ever rises, Tandem's
 * writes included, so two facts of the ledgers tell exactly which versions saw each other, whatever the order of delivery.
 */
export const isCausal = ({ policy }: Pick<Route, 'policy'>): boolean =>
  policy.startsWith('side:') || policy === 'manual';

/** Row clock of Tandem's own newest write to the identity's target row, a delete included. */
export const newestWrite = ({ written, tombstone }: Identity): bigint | null =>
  newestClock(written?.clock, tombstone?.clock);

/** Row clock, on the source, of the newest version that was brought to the target. */
export const newestBrought = ({ sourceClock, sourceSide, written, tombstone }: Identity): bigint | null =>
  sourceClock ??
  // Written before the ledger kept it, when a version had the same clock on both sides.
  newestClock(
    ...[written, tombstone].map((version) => (version?.side === sourceSide ? version.clock : null)),
  );

/** What an event had seen of the target's row, by the source's ledger; `back` is the identity of the way back. */
export function ancestryOf({ clock }: Pick<ChangeEvent, 'clock'>, back: Identity | null): Ancestry {
  const fence = back && newestWrite(back);
  if (fence === null || clock === null) return { overtaken: false, seen: null };
  const seen = back && newestBrought(back);
  return { overtaken: BigInt(clock) <= fence, seen: seen === null ? null : String(seen) };
}

/** A place in the order of what was seen. */
export interface Causality {
  /** The event's version has to be on the target: nothing of the target's own is lost by it, or it is to win. */
  newer: boolean;
  same: boolean;
  /** Neither the event nor what the target holds has seen the other. */
  concurrent: boolean;
}

/**
 * Compares an event with what the target holds. `own` is the clock of a version, row or tombstone, that the target's app
 * made after Tandem's newest write; null where there is none.
 */
export function causalityOf(
  { clock, ancestry }: { clock: bigint; ancestry: Ancestry },
  { own, brought }: { own: bigint | null; brought: bigint | null },
  wins: boolean,
): Causality {
  const { overtaken, seen } = ancestry;
  if (overtaken || (brought !== null && clock <= brought))
    return { newer: false, same: clock === brought && own === null, concurrent: false };
  const concurrent = own !== null && (seen === null || BigInt(seen) < own);
  return { newer: !concurrent || wins, same: false, concurrent };
}
